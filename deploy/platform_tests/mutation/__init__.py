"""Mutation testing of the configuration: a small change for the worse must be refused by a check that is there.

`operators` make the changes (mutants) of each kind of file, `sampling` chooses among them by a seed, `planning` plans
many changed copies of an environment in one run of Terraform, and `killing` asks the checks, the cheapest first.
`equivalents.toml` lists the mutants that change nothing that matters, each with its reason.
"""

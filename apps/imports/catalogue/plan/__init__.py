"""Computes what a batch of records would change, with a handful of reads and without writing."""

from apps.imports.catalogue.plan.batch import plan_batch
from apps.imports.catalogue.plan.category_paths import CategoryPaths
from apps.imports.catalogue.plan.plans import Difference, ProductPlan, VariantPlan

__all__ = ["CategoryPaths", "Difference", "ProductPlan", "VariantPlan", "plan_batch"]

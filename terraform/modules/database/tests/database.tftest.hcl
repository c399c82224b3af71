# The real provider plans with made-up credentials: policy documents and defaults are its own, and nothing is asked of AWS.
provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variables {
  name              = "webmarket-test"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
}

run "private_encrypted_and_twice_there" {
  command = plan

  variables {
    replicas         = 1
    managed_password = false
    password         = "only-for-a-plan"
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && !aws_db_instance.replica[0].publicly_accessible
    error_message = "The database is public."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.replica[0].storage_encrypted
    error_message = "The database is not encrypted."
  }

  assert {
    condition     = aws_db_instance.this.multi_az
    error_message = "The database stands in one zone alone."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password == null && aws_db_instance.this.password_wo_version == 1 && aws_db_instance.this.password == null
    error_message = "RDS keeps the password of a database that has copies, or a state does."
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.backup_retention_period >= 7
    error_message = "The database can be lost."
  }

  assert {
    condition     = anytrue([for parameter in aws_db_parameter_group.this.parameter : parameter.name == "require_secure_transport" && parameter.value == "1"])
    error_message = "MySQL answers without TLS."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 30])
    error_message = "The database's logs never end."
  }
}

run "refuses_short_memory" {
  command = plan

  variables {
    backup_days = 1
  }

  expect_failures = [var.backup_days]
}

run "a_replica_of_another_region_brings_its_own_password" {
  command = plan

  variables {
    replicate_source = { arn = "arn:aws:rds:eu-west-3:123456789012:db:webmarket-production" }
    kms_key_arn      = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = aws_db_instance.this.replicate_source_db == var.replicate_source.arn && aws_db_instance.this.manage_master_user_password == null
    error_message = "The replica does not follow the first region's database."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible && aws_db_instance.this.kms_key_id == var.kms_key_arn
    error_message = "The replica is public, or not encrypted with its region's key."
  }
}

run "the_password_is_rds_own_where_nothing_is_copied" {
  command = plan

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && aws_db_instance.this.password_wo_version == null
    error_message = "The password is RDS's to keep."
  }

  assert {
    condition     = !aws_db_instance.this.delete_automated_backups
    error_message = "Automated backups go with the database."
  }
}

run "refuses_copies_where_rds_keeps_the_password" {
  command = plan

  variables {
    replicas   = 1
    blue_green = true
  }

  expect_failures = [var.replicas, var.blue_green]
}

run "a_new_one_begins_with_a_snapshot" {
  command = plan

  variables {
    restore_from = { snapshot = "snap-webmarket-test-2026-11-28-03-00" }
  }

  assert {
    condition     = aws_db_instance.this.snapshot_identifier == var.restore_from.snapshot && length(aws_db_instance.this.restore_to_point_in_time) == 0
    error_message = "The database does not begin with the snapshot."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible && aws_db_instance.this.multi_az
    error_message = "A restored database is less than the other was."
  }
}

run "a_new_one_begins_with_a_moment_of_another" {
  command = plan

  variables {
    restore_from = { instance = "webmarket-test-lost", time = "2026-11-28T08:55:00Z" }
  }

  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].source_db_instance_identifier == "webmarket-test-lost" && aws_db_instance.this.restore_to_point_in_time[0].restore_time == "2026-11-28T08:55:00Z"
    error_message = "The database does not begin with that moment."
  }
}

run "a_new_one_begins_with_the_latest_moment_of_one_that_is_gone" {
  command = plan

  variables {
    restore_from = { resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ" }
  }

  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].use_latest_restorable_time && aws_db_instance.this.restore_to_point_in_time[0].source_dbi_resource_id == var.restore_from.resource_id
    error_message = "The database does not begin with the latest moment."
  }
}

run "refuses_two_sources" {
  command = plan

  variables {
    restore_from = { snapshot = "snap-webmarket-test-1", instance = "webmarket-test-lost" }
  }

  expect_failures = [var.restore_from]
}

run "refuses_a_time_of_a_snapshot" {
  command = plan

  variables {
    restore_from = { snapshot = "snap-webmarket-test-1", time = "2026-11-28T08:55:00Z" }
  }

  expect_failures = [var.restore_from]
}

run "the_smallest_class_takes_few_connections" {
  command = plan

  variables {
    instance_class = "db.t4g.micro"
  }

  assert {
    condition     = output.most_connections == 85
    error_message = "RDS gives db.t4g.micro 85 connections."
  }
}

run "classes_with_more_memory_take_more_connections" {
  command = plan

  variables {
    instance_class = "db.r7g.large"
  }

  assert {
    condition     = output.most_connections == 1365 && local.memory == { micro = 1, small = 2, medium = 4, large = 8, xlarge = 16, "2xlarge" = 32, "4xlarge" = 64 }
    error_message = "RDS makes max_connections of the memory, of which each size has twice as much as the one before."
  }
}

run "a_class_that_is_not_known_has_no_number" {
  command = plan

  variables {
    instance_class = "db.m7g.48xlarge"
  }

  assert {
    condition     = output.most_connections == null
    error_message = "A number is made up for a class that is not known."
  }
}

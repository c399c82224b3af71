output "queue_urls" {
  description = "URL of each queue."
  value       = { for key, queue in aws_sqs_queue.this : key => queue.url }
}

output "queue_arns" {
  description = "ARNs of the queues that the shop uses, known before they exist."
  value       = [for queue in sort(tolist(var.queues)) : local.arns[queue]]
}

output "operations_queue_arn" {
  description = "ARN of the queue of workers that may touch AWS, known before it exists."
  value       = local.arns["operations"]
}

output "queue_names" {
  description = "Names of the queues, for metrics."
  value       = { for queue in var.queues : queue => local.names[queue] }
}

output "dead_letter_queue_names" {
  description = "Names of the dead-letter queues, for alarms."
  value       = { for queue in var.queues : queue => local.names["${queue}-dead"] }
}

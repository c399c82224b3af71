output "certificate_arn" {
  description = "Certificate for the balancer, proven."
  value       = aws_acm_certificate_validation.balancer.certificate_arn
}

output "distribution_arn" {
  description = "The distribution, for bucket policies."
  value       = aws_cloudfront_distribution.this.arn
}

output "distribution_id" {
  description = "The distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_domain_name" {
  description = "CloudFront's own name of the distribution."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "name_servers" {
  description = "Name servers to enter at the registrar; empty when the zone was there before."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}

output "signing_key_ids" {
  description = "Ids of the keys that signed addresses of documents are read by, by name."
  value       = { for name, key in aws_cloudfront_public_key.documents : name => key.id }
}

output "zone_id" {
  description = "Zone of the shop's names."
  value       = coalesce(var.zone_id, one(aws_route53_zone.this[*].zone_id))
}

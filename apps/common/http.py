"""HTTP statuses of DomainError codes, for all faces. The domain itself knows no HTTP."""

from http import HTTPStatus

from apps.common.errors import DomainError

_STATUS = {
    HTTPStatus.BAD_REQUEST: (
        *("bad_destination", "bad_file", "bad_options", "bad_url", "credentials", "details_missing", "file_refused"),
        *("import_refused", "invalid_ledger", "invalid_price", "invalid_quantity", "invalid_reading", "no_image"),
        *("nothing_to_change", "price_too_low", "too_many_products"),
        *("no_reference_price", "not_a_reduction", "not_an_image", "not_staff", "path_refused"),
        *("private_address",),
        *("reason_required", "reduction_already_over", "reply_too_deep", "thread_full", "too_heavy"),
        *("too_many_pixels", "unknown_parent", "unknown_stage", "unreadable_file"),
    ),
    HTTPStatus.FORBIDDEN: ("not_an_owner",),
    HTTPStatus.NOT_FOUND: ("not_a_colleague", "not_for_sale", "unknown_gateway", "unknown_mapping", "upload_lost"),
    HTTPStatus.CONFLICT: (
        *(
            "account_exists",
            "already_colleague",
            "already_rated",
            "already_running",
            "basket_closed",
            "capture_refused",
            "conversion_refused",
            "correction_refused",
        ),
        *(
            "database_not_empty",
            "editing_closed",
            "machine_changed",
            "means_not_offered",
            "merge_refused",
            "not_to_confirm",
            "not_to_undo",
        ),
        *(
            "sheet_closed",
            "sheet_empty",
            "last_owner",
            "open_orders",
            "order_not_payable",
            "order_stands",
            "out_of_stock",
        ),
        *("prices_changed", "reduction_has_begun", "reduction_spoils_another", "refund_refused", "refused"),
        *(
            "shop_already_open",
            "shop_not_ready",
            "slug_taken",
            "staff_account",
            "stage_full",
            "stage_in_use",
            "still_used",
            "stale_version",
            "stock_moved",
        ),
        *("stock_reserved", "too_late", "too_many_addresses", "transition_refused", "withdrawal_over"),
        *("withdrawal_refused", "wrong_delivery"),
    ),
    HTTPStatus.GONE: ("link_unusable",),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("file_too_large",),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("idempotency_key_reused",),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        *("backup_damaged", "backup_not_signed", "backup_wrongly_signed", "bad_signing_key", "disk_full"),
        *("not_migrated", "not_permitted", "operation_failed"),
    ),
    HTTPStatus.BAD_GATEWAY: ("aws_refused", "encoded", "fetch_failed", "too_many_redirects"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("database_away", "database_refuses", "out_of_time", "payment_unavailable"),
}
STATUS_OF_CODE = {code: status for status, codes in _STATUS.items() for code in codes}


def status_of(error: DomainError) -> HTTPStatus:
    return STATUS_OF_CODE.get(error.code, HTTPStatus.CONFLICT)

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.payments import services
from apps.payments.gateways.base import InvalidWebhook


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, gateway_code: str) -> HttpResponse:
    """Notifications of payment providers, authenticated by signature. 503 makes the provider send it again later."""
    try:
        services.handle_webhook(
            gateway_code=gateway_code, headers=request.headers, body=request.body, now=timezone.now()
        )
    except services.UnknownGateway:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    except InvalidWebhook:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    except services.PaymentUnavailable:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "60"})
    return HttpResponse(status=HTTPStatus.NO_CONTENT)

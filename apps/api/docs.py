"""The schema, and its pages by our own copies of Swagger UI and Redoc."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

# Both write their colours into <style>; scripts stay limited to our own files.
relax_csp = csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"], "worker-src": [SELF, "blob:"]})

schema = SpectacularJSONAPIView.as_view()
swagger = relax_csp(SpectacularSwaggerSplitView.as_view(url_name="api:schema"))
redoc = relax_csp(SpectacularRedocView.as_view(url_name="api:schema"))

"""Apart from `static_files`, as `apps.common.documents_on_s3`: where files lie on disk, boto3 is never imported."""

from storages.backends.s3 import S3ManifestStaticStorage

from webmarket.static_files import MinifiesStyles


class StaticOnS3(MinifiesStyles, S3ManifestStaticStorage):
    pass

"""REST endpoints of feature permissions."""

from server_stub.contract.permissions import FeatureSummaries, GrantChanges, Grants, OwnFeatures
from server_stub.http.endpoint import Access, Call, Endpoint

from .service import PermissionService

_TAGS = ("permissions",)


class PermissionRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: PermissionService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1/admin/features"
        return [
            Endpoint(
                "GET",
                "/api/v1/features",
                Access.SIGNED_IN,
                self._own,
                "The features that the caller may use",
                answer=OwnFeatures,
                tags=_TAGS,
                clauses=("3.1.1.4",),
            ),
            Endpoint(
                "GET",
                base,
                Access.ADMIN,
                self._summaries,
                "All features with the number of their grants",
                answer=FeatureSummaries,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                f"{base}/{{feature}}",
                Access.ADMIN,
                self._grants,
                "To whom a feature is given and refused",
                answer=Grants,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                f"{base}/{{feature}}",
                Access.ADMIN,
                self._change,
                "Give, refuse and take back a feature, all changes or none",
                body=GrantChanges,
                answer=Grants,
                tags=_TAGS,
                clauses=("3.1.1.4",),
            ),
        ]

    async def _own(self, call: Call[None]) -> OwnFeatures:
        return OwnFeatures(features=await self._service.features_of(call.caller.person_id))

    async def _summaries(self, _call: Call[None]) -> FeatureSummaries:
        return FeatureSummaries(features=await self._service.summaries())

    async def _grants(self, call: Call[None]) -> Grants:
        return await self._service.grants(call.path["feature"])

    async def _change(self, call: Call[GrantChanges]) -> Grants:
        return await self._service.change(call.caller.person_id, call.path["feature"], call.body.changes)

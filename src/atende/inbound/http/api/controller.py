"""What all controllers have in common."""

from typing import Any

from dishka.integrations.litestar import inject
from litestar import Controller
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from atende.inbound.http.errors import problems


class ApiController(Controller):
    """Base of the controllers. A handler takes `FromDishka[...]` parameters from the container of the request, and documents
    the errors that every route may answer with unless it names its own by `responses=problems(...)`.
    """

    def get_route_handlers(self) -> list[BaseRouteHandler]:
        """In the order of the class, which the OpenAPI keeps; the framework's is by name."""
        order = {name: position for position, name in enumerate(vars(type(self)))}
        return sorted(super().get_route_handlers(), key=lambda handler: order[handler.handler_name])

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for handler in vars(cls).values():
            if isinstance(handler, HTTPRouteHandler):
                # Once for each class. Dishka's router would wrap the handlers again for every prefix and every application.
                handler._fn = inject(handler.fn)  # noqa: SLF001
                if handler.responses is None:
                    handler.responses = problems(public=handler.opt.get("public") is True)

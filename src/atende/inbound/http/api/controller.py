"""What all controllers have in common."""

from copy import copy
from types import MethodType
from typing import Any

from dishka.integrations.litestar import inject
from litestar import Controller
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from atende.inbound.http.errors import problems


class ApiController(Controller):
    """Base of the controllers. A handler takes `FromDishka[...]` parameters from the container of the request, and documents
    the errors that every route may answer with unless it names its own by `responses=problems(...)`.
    """

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for handler in vars(cls).values():
            if isinstance(handler, HTTPRouteHandler):
                # Once for each class. Dishka's router would wrap the handlers again for every prefix and every application.
                handler._fn = inject(handler.fn)  # noqa: SLF001
                if handler.responses is None:
                    handler.responses = problems(public=handler.opt.get("public") is True)

    def get_route_handlers(self) -> list[BaseRouteHandler]:
        """In the order of the class, which the OpenAPI keeps. The framework sorts them by name, and copies them deeply, which
        takes a tenth of the time to start.
        """
        handlers: list[BaseRouteHandler] = []
        for declared in vars(type(self)).values():
            if isinstance(declared, BaseRouteHandler):
                handler = copy(declared)
                handler._fn = MethodType(declared.fn, self)  # noqa: SLF001
                handler.owner = self
                handlers.append(handler)
        self.validate_route_handlers(route_handlers=handlers)
        return handlers

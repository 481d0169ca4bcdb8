from tests.world.fixtures import branch, shop, stranger, world

__all__ = ["branch", "shop", "stranger", "world"]

"""The channel vendors of this build. A new one is a composition file beside the others, and a name here."""

from atende.main.providers.channels.twilio import TWILIO
from atende.main.providers.channels.vendor import ChannelVendor
from atende.main.providers.channels.whatsapp import WHATSAPP

CHANNELS: tuple[ChannelVendor, ...] = (WHATSAPP, TWILIO)

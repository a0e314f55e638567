"""What the demo team asked for."""

from __future__ import annotations

from dataclasses import dataclass

KLING, VEO, SEEDANCE = ("kie", "kling-3.0/video"), ("kie", "veo3_fast"), ("kie", "bytedance/seedance-1.5-pro")
WAN, HAILUO, GROK = ("kie", "wan/2-5-text-to-video"), ("kie", "hailuo/02-text-to-video-standard"), ("kie", "grok-imagine/text-to-video")
RUNWAY, MODKIE_VEO, MODKIE_KLING = ("kie", "runway/generate"), ("modkie", "google/veo-3-1"), ("modkie", "kling/kling-3-0")
KLING_FROM_PICTURE, GROK_EXTEND = ("kie", "kling-2.6/image-to-video"), ("kie", "grok-imagine/extend")


@dataclass(frozen=True, slots=True)
class Line:
    """One wish: of which model, in which shape, how long, and whose (0 is the owner)."""

    prompt: str
    model: tuple[str, str]
    ratio: str = "16:9"
    seconds: int = 5
    who: int = 0


SWELL = "Low camera skims just above the swell toward the sun at golden hour; spray catches the light and the horizon stays level."
PERFUME = "Amber perfume bottle on a round plinth, hard key light, slow push-in, green paper backdrop"
CANDY = "A keyboard whose keys are made of candy, macro push-in. Audio: crunchy, sugary typing sounds, delighted giggles."

# The first is the newest.
LINES = (
    Line(SWELL, KLING, "16:9", 5),
    Line(PERFUME, VEO, "9:16", 8, 1),
    Line("Slow drone rise over desert dunes at golden hour", SEEDANCE, "21:9", 10),
    Line(CANDY, MODKIE_VEO, "16:9", 8),
    Line("Painted wooden toy blocks turn on a seamless blue backdrop", KLING, "1:1", 5, 2),
    Line("Fog and light rays between tall forest trunks, camera glides forward", KLING, "9:16", 5, 1),
    Line("Ink blooming in warm oil, macro, 120 fps", WAN, "16:9", 5, 2),
    Line("Crimson silk folding in slow motion, studio light", KLING, "16:9", 5),
    Line("Aurora over a frozen lake, locked-off wide", VEO, "16:9", 8, 3),
    Line("Dolly through a neon corridor, wet floor, magenta signs", HAILUO, "16:9", 6),
    Line("A silk dress turns into smoke, violet on white", KLING, "9:16", 6, 1),
    Line("Layered desert ridges at dawn, parallax pan left", VEO, "16:9", 8, 2),
    Line("Orbit over the day-night line of a striped planet", SEEDANCE, "1:1", 10),
    Line("Neon street in the rain, taxis pass, teal reflections", MODKIE_VEO, "9:16", 5, 1),
    Line("Molten orange paint flows, slow and thick", GROK, "16:9", 6, 3),
    Line("Ocean waves break on black sand, top shot from a drone", KLING, "16:9", 5),
    Line("A fox crosses a mossy forest floor in autumn light", WAN, "16:9", 5, 2),
    Line("Glass bottle of green tea on a wet table, condensation runs down", RUNWAY, "9:16", 5, 1),
    Line("Night train leaves a city station, long exposure lights", KLING, "16:9", 8),
    Line("Candy cubes bounce on a drum, pastel colours", MODKIE_KLING, "1:1", 5, 2),
    Line("An astronaut's shadow on red dunes, low sun", SEEDANCE, "16:9", 5, 3),
    Line("Aurora above a fjord cabin, smoke from the chimney", KLING, "16:9", 5),
    Line("White satin curtain breathes in a summer window", VEO, "9:16", 8, 1),
    Line("Saturn's rings from below, ice glitters", KLING, "16:9", 10, 3),
    Line("Lighthouse at storm tide, spray over the pier", MODKIE_VEO, "16:9", 8),
    Line("Watch on dark velvet, a light sweeps across the glass", KLING, "1:1", 5, 1),
    Line("Jungle waterfall, leaves in the foreground sway", WAN, "9:16", 5, 2),
    Line("Cyberpunk market, steam and lantern light", HAILUO, "16:9", 6, 3),
    Line("Balloons rise over the savanna at sunrise", SEEDANCE, "16:9", 5),
    Line("Keyboard of chocolate and sugar, hands type a letter", KLING, "16:9", 5, 2),
    Line("Polar lights ripple in green ribbons over snow", GROK, "1:1", 6),
    Line("Sailing ship heels in a blue swell, gulls follow", KLING, "9:16", 5, 1),
)  # fmt: skip

# Code and words of the provider.
REFUSALS = (
    (Line("An actor sells the perfume on a red carpet", VEO, "16:9", 8, 1), "400", "Prompt was flagged by our content policy."),
    (Line("A chef tosses burning pancakes, camera follows", KLING, "16:9", 5), "500", "Internal error, please try again later."),
    (Line("Club crowd at night, strobes", SEEDANCE, "9:16", 5, 2), "501", "The generated video was blocked by the safety filter."),
    (Line("Rocket launch from a jungle, birds fly up", HAILUO, "16:9", 6, 3), "500", "The server is busy: high demand, please try again."),
    (Line("Two dancers in gold silk, mirrored", WAN, "16:9", 5, 2), "422", "Prompt was rejected: sensitive words."),
)  # fmt: skip
LANTERN = Line("A paper lantern drifts over a dark lake, its light trembling on the water", GROK, seconds=6, who=2)
EXTENDED = Line("The lantern lands on the water and floats away", GROK_EXTEND, who=2)
MOVING = Line("The boat in the picture turns slowly toward the light, gulls cross the frame", KLING_FROM_PICTURE, who=1)
TAKEN_BACK = Line("Lighthouse at storm tide, spray over the pier, wider", VEO, "16:9", 8, 1)
RUNNING = Line("Low camera skims just above the swell toward the sun; a sailing boat enters from the left", KLING, "16:9", 5)
COMPARED = (
    Line("Rain-soaked waterfront, city bokeh, slow pan", KLING, "16:9", 5),
    Line("Rain-soaked waterfront, city bokeh, slow pan", SEEDANCE, "16:9", 5),
    Line("Rain-soaked waterfront, city bokeh, slow pan", WAN, "16:9", 5),
)  # fmt: skip
COLLECTIONS = {
    "Perfume spot": ("perfume", "bottle", "satin", "silk"),
    "Title sequence": ("aurora", "planet", "saturn", "polar", "fog"),
    "Summer campaign": ("swell", "ocean", "sailing", "dunes"),
}

"""What the example of every live card asks for, read from the cards by hand.

Columns: gateway, model, ratio, lines (the short side), seconds, sound. `picture`, `clip`, `voice` and `task` (the earlier
take) stand for what the clip takes over from that input file, `kept` for the sound of the clip or take that is worked on;
`free` is said nowhere, `keep` is the size of the clip that is edited.
"""

from __future__ import annotations

from dataclasses import dataclass

TABLE = """
kie    bytedance/seedance-1.5-pro                   16:9     720     5      silent
kie    bytedance/seedance-2-5                       16:9     480     5      sound
kie    bytedance/seedance-2-fast                    16:9     480     5      sound
kie    bytedance/seedance-2-mini                    16:9     480     5      sound
kie    bytedance/seedance-2                         16:9     480     5      sound
kie    bytedance/v1-lite-image-to-video             picture  480     5      silent
kie    bytedance/v1-lite-text-to-video              16:9     720     5      silent
kie    bytedance/v1-pro-fast-image-to-video         picture  720     5      silent
kie    bytedance/v1-pro-image-to-video              picture  720     5      silent
kie    bytedance/v1-pro-text-to-video               16:9     480     5      silent
kie    gemini-omni-video                            16:9     720     8      sound
kie    google/gemini-omni-flash-1-1                 16:9     720     8      sound
kie    grok-imagine-video-1-5-preview               picture  480     8      sound
kie    grok-imagine/extend                          task     task    6      sound
kie    grok-imagine/image-to-video                  picture  720     6      sound
kie    grok-imagine/text-to-video                   16:9     480     6      sound
kie    grok-imagine/upscale                         task     720     task   kept
kie    hailuo/02-image-to-video-pro                 picture  1080    6      silent
kie    hailuo/02-image-to-video-standard            picture  512     6      silent
kie    hailuo/02-text-to-video-pro                  free     1080    6      silent
kie    hailuo/02-text-to-video-standard             free     768     6      silent
kie    hailuo/2-3-image-to-video-pro                picture  1080    6      silent
kie    hailuo/2-3-image-to-video-standard           picture  1080    6      silent
kie    happyhorse-1-1/image-to-video                picture  720     5      sound
kie    happyhorse-1-1/reference-to-video            16:9     720     5      sound
kie    happyhorse-1-1/text-to-video                 16:9     720     5      sound
kie    happyhorse/image-to-video                    picture  720     5      sound
kie    happyhorse/reference-to-video                16:9     720     5      sound
kie    happyhorse/text-to-video                     16:9     720     5      sound
kie    happyhorse/video-edit                        clip     720     clip   sound
kie    infinitalk/from-audio                        picture  480     voice  sound
kie    kling-2.6/image-to-video                     picture  free    5      sound
kie    kling-2.6/motion-control                     clip     720     clip   kept
kie    kling-2.6/text-to-video                      16:9     free    5      silent
kie    kling-3.0-omni/image-to-video                picture  720     5      silent
kie    kling-3.0-omni/reference-to-video            16:9     720     5      silent
kie    kling-3.0-omni/text-to-video                 16:9     1080    5      sound
kie    kling-3.0-omni/transformation                clip     720     clip   silent
kie    kling-3.0/motion-control                     clip     720     clip   kept
kie    kling-3.0/video                              16:9     720     5      sound
kie    kling/ai-avatar-pro                          picture  free    voice  sound
kie    kling/ai-avatar-standard                     picture  free    voice  sound
kie    kling/v2-1-master-image-to-video             picture  free    5      silent
kie    kling/v2-1-master-text-to-video              16:9     free    5      silent
kie    kling/v2-1-pro                               picture  free    5      silent
kie    kling/v2-1-standard                          picture  free    5      silent
kie    kling/v2-5-turbo-image-to-video-pro          picture  free    5      silent
kie    kling/v2-5-turbo-text-to-video-pro           16:9     free    10     silent
kie    kling/v3-turbo-image-to-video                picture  720     5      sound
kie    kling/v3-turbo-text-to-video                 16:9     720     5      sound
kie    minimax-h3/image-to-video                    picture  768     6      sound
kie    minimax-h3/reference-to-video                picture  768     6      sound
kie    minimax-h3/text-to-video                     16:9     768     6      sound
kie    omnihuman-1-5                                picture  720     voice  sound
kie    pixverse-v6/extend                           task     720     5      silent
kie    pixverse-v6/image-to-video                   picture  540     5      silent
kie    pixverse-v6/reference-to-video               16:9     540     5      silent
kie    pixverse-v6/text-to-video                    16:9     540     5      silent
kie    pixverse-v6/transition                       picture  540     5      silent
kie    runway/aleph                                 16:9     free    clip   silent
kie    runway/extend                                task     720     5      silent
kie    runway/generate                              16:9     720     5      silent
kie    topaz/video-upscale                          clip     clip*2  clip   kept
kie    veo3                                         16:9     720     8      sound
kie    veo3_fast                                    16:9     720     8      sound
kie    veo3_lite                                    16:9     720     8      sound
kie    veo/1080p                                    task     1080    task   kept
kie    veo/4k                                       task     2160    task   kept
kie    veo/extend                                   task     task    7      sound
kie    volcengine/video-to-video-lip-sync           clip     keep    voice  sound
kie    wan/2-2-a14b-image-to-video-turbo            picture  480     5      silent
kie    wan/2-2-a14b-speech-to-video-turbo           picture  480     5      sound
kie    wan/2-2-a14b-text-to-video-turbo             16:9     480     5      silent
kie    wan/2-2-animate-move                         clip     480     clip   kept
kie    wan/2-2-animate-replace                      clip     480     clip   kept
kie    wan/2-5-image-to-video                       picture  720     5      sound
kie    wan/2-5-text-to-video                        16:9     720     5      sound
kie    wan/2-6-flash-image-to-video                 picture  720     5      silent
kie    wan/2-6-flash-video-to-video                 clip     720     5      sound
kie    wan/2-6-image-to-video                       picture  1080    10     sound
kie    wan/2-6-text-to-video                        free     720     5      sound
kie    wan/2-6-video-to-video                       clip     720     5      sound
kie    wan/2-7-image-to-video                       picture  720     5      sound
kie    wan/2-7-r2v                                  16:9     720     5      sound
kie    wan/2-7-text-to-video                        16:9     720     5      sound
kie    wan/2-7-videoedit                            clip     720     5      kept
kie    wan/3-0-video-prime                          16:9     480     5      sound
kie    wan/3-0-video                                16:9     480     5      sound
modkie bytedance/seedance-2-mini                    16:9     480     5      sound
modkie google/veo-3-1                               16:9     free    5      sound
modkie kling/kling-3-0                              16:9     720     5      sound
modkie kling/v2-1                                   16:9     720     5      sound
modkie wan/2-7-image-to-video                       picture  720     5      sound
"""


@dataclass(frozen=True, slots=True)
class Asked:
    gateway: str
    model: str
    ratio: str
    lines: str
    seconds: str
    sound: str

    @property
    def key(self) -> tuple[str, str]:
        return self.gateway, self.model


ASKED = [Asked(*line.split()) for line in TABLE.strip().splitlines()]

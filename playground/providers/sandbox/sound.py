"""Quiet ambience for a scene: coloured noise for wind and water, slow chords, and the clicks of candy keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .pixels import Field, Generator
from .typing_rhythm import key_strokes

SAMPLE_RATE = 48_000
_FADE_SECONDS = 0.6
_PEAK = 0.30


@dataclass(frozen=True, slots=True)
class _Mood:
    """Noise as (lowest Hz, highest Hz, share, swells per second); chord in Hz; share of the chord."""

    noise: tuple[tuple[float, float, float, float], ...] = ()
    chord: tuple[float, ...] = ()
    chord_share: float = 0.0


_MOODS: dict[str, _Mood] = {
    "ocean": _Mood(((60, 700, 1.0, 0.13), (500, 5200, 0.45, 0.17)), (110.0, 164.81, 220.0), 0.10),
    "aurora": _Mood(((120, 900, 0.30, 0.09),), (146.83, 220.0, 329.63, 440.0, 554.37), 0.60),
    "forest": _Mood(((250, 4200, 0.55, 0.16), (40, 240, 0.30, 0.07)), (196.0, 293.66, 392.0), 0.16),
    "silk": _Mood(((200, 2400, 0.12, 0.25),), (130.81, 196.0, 246.94, 329.63, 493.88), 0.60),
    "product": _Mood(((60, 300, 0.10, 0.1),), (174.61, 261.63, 329.63, 440.0), 0.55),
    "city": _Mood(((45, 420, 0.75, 0.21), (1500, 9000, 0.32, 0.06)), (98.0, 146.83, 174.61, 233.08), 0.30),
    "candy": _Mood(((150, 900, 0.05, 0.2),), (261.63, 392.0, 523.25, 659.26), 0.16),
    "planet": _Mood(((30, 140, 0.55, 0.06),), (55.0, 110.0, 164.81, 246.94, 369.99), 0.60),
    "dunes": _Mood(((90, 1300, 0.80, 0.12), (900, 6000, 0.16, 0.3)), (98.0, 147.0), 0.14),
}


def ambience(scene: str, seconds: float, seed: int) -> Field:
    """Stereo sound, float32 (2, samples), peak about -10 dBFS, faded in and out."""
    rng = np.random.default_rng([seed, 77])
    count = max(1, round(seconds * SAMPLE_RATE))
    time = np.arange(count, dtype=np.float64) / SAMPLE_RATE
    mood = _MOODS.get(scene, _MOODS["silk"])
    sound: Field = np.zeros((2, count))
    for low, high, share, swell in mood.noise:
        sound += share * _noise(rng, count, low, high) * _swell(rng, time, swell)
    if mood.chord:
        sound += mood.chord_share * _pad(rng, time, mood.chord)
    if scene == "candy":
        sound += _clicks(rng, count, seconds, seed)
    peak = float(np.abs(sound).max()) or 1.0
    fade = min(_FADE_SECONDS, seconds / 3)
    envelope = np.clip(np.minimum(time, seconds - time) / fade, 0, 1)
    sound *= (_PEAK / peak) * np.sin(envelope * np.pi / 2) ** 2
    return sound.astype(np.float32)


def _noise(rng: Generator, count: int, low: float, high: float) -> Field:
    """Pink-tinted noise between two frequencies, shaped in a block of two seconds that is laid end to end."""
    block = min(1 << 17, 1 << max(10, (count - 1).bit_length()))
    frequency = np.fft.rfftfreq(block, 1 / SAMPLE_RATE)
    shape = 1 / np.sqrt(np.maximum(frequency, 20))
    shape = shape / (1 + (low / np.maximum(frequency, 1)) ** 4) / (1 + (frequency / high) ** 4)
    spectrum = shape * np.exp(1j * rng.uniform(0, 2 * np.pi, (2, len(frequency))))
    noise = np.fft.irfft(spectrum, n=block, axis=1)
    noise /= noise.std() * 3
    # The block is periodic by construction, so repeating it leaves no seam.
    return np.tile(noise, -(-count // block))[:, :count]


def _swell(rng: Generator, time: Field, rate: float) -> Field:
    phases = rng.uniform(0, 2 * np.pi, (2, 2))
    slow = np.sin(2 * np.pi * rate * time + phases[:, :1]) + 0.5 * np.sin(4.7 * np.pi * rate * time + phases[:, 1:])
    return 0.62 + 0.25 * slow


def _pad(rng: Generator, time: Field, chord: tuple[float, ...]) -> Field:
    sound = np.zeros((2, len(time)))
    for number, pitch in enumerate(chord):
        breath = 0.65 + 0.35 * np.sin(2 * np.pi * time * rng.uniform(0.05, 0.16) + rng.uniform(0, 6.283))
        for side in range(2):
            # A hair of detuning between the ears makes the chord wide.
            detuned = pitch * (1 + rng.uniform(-0.0016, 0.0016))
            angle = 2 * np.pi * detuned * time + rng.uniform(0, 6.283)
            sound[side] += (np.sin(angle) + 0.22 * np.sin(2 * angle) + 0.06 * np.sin(3 * angle)) * breath * 0.9**number
    return sound / len(chord)


def _clicks(rng: Generator, count: int, seconds: float, seed: int) -> Field:
    sound = np.zeros((2, count))
    length = round(0.11 * SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    for stroke in key_strokes(seed, seconds):
        start = round(stroke.seconds * SAMPLE_RATE)
        pitch = 1150 * 2 ** rng.uniform(-0.5, 0.7)
        crunch = rng.normal(size=length) * np.exp(-time * 210) + 0.35 * rng.normal(size=length) * np.exp(-time * 60)
        crunch = np.convolve(crunch, [0.35, 0.4, 0.25], "same")
        tick = 0.55 * np.sin(2 * np.pi * pitch * time) * np.exp(-time * 75) + crunch * 0.55
        piece = tick[: max(0, count - start)]
        pan = 0.5 + 0.35 * rng.uniform(-1, 1)
        sound[0, start : start + len(piece)] += piece * (1 - pan) * 1.4
        sound[1, start : start + len(piece)] += piece * pan * 1.4
    return sound * 0.6

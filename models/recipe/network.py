"""The network: a BERT encoder that marks its target, and what is read off its states.

Three readings of one pass: the sentiment toward the target, a tag for each token
(names) and an embedding of the text. Not responsible for data or for the loop.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

LABELS = 3
TAGS = ("O", "B-OG", "I-OG", "B-PS", "I-PS", "B-LC", "I-LC")
"""Organisation, person, place; the names are KLUE's."""


class Readings(NamedTuple):
    """What a network says of a batch; a teacher gives logits only."""

    logits: Tensor
    """(batch, 3): negative, neutral, positive toward the target."""
    tags: Tensor | None = None
    """(batch, tokens, 7): logits of `TAGS`."""
    embedding: Tensor | None = None
    """(batch, width), of length 1."""


class RowQuantisedEmbedding(nn.Module):
    """Word embeddings as int8 with a scale a row: frozen, a quarter of fp32's size."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.register_buffer("values", torch.zeros(rows, width, dtype=torch.int8))
        self.register_buffer("scales", torch.zeros(rows, 1))

    def load(self, weight: Tensor) -> None:
        scales = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.scales.copy_(scales)
        self.values.copy_((weight / scales).round().to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        return self.values[ids].float() * self.scales[ids]


def round_inputs(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    """Forward pre-hook: the 8 bits a matrix product sees once the model ships.

    One scale a batch, as ONNX Runtime takes it. The gradient passes unrounded.
    """
    (values,) = inputs
    with torch.no_grad():
        low, high = values.amin().clamp(max=0), values.amax().clamp(min=0)
        scale = (high - low).clamp(min=1e-8) / 255
        rounded = (values / scale).round() * scale
    return (values + (rounded - values).detach(),)


class MonitorNetwork(nn.Module):
    """Sentiment toward the tokens of type 1, tags of all tokens, the text's embedding.

    Sentiment pools the first token and the mean over the target; without a target, the
    mean over the whole text.
    """

    def __init__(self, config: dict[str, Any], dropout: float = 0.1) -> None:
        super().__init__()
        bert = BertConfig(**config, hidden_dropout_prob=dropout)
        width = bert.hidden_size
        self.words = RowQuantisedEmbedding(bert.vocab_size, width)
        self.encoder = BertModel(bert, add_pooling_layer=False)
        del self.encoder.embeddings.word_embeddings
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * width, width),
            nn.Tanh(),
            nn.Dropout(dropout),
            nn.Linear(width, LABELS),
        )
        self.tagger = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, len(TAGS)))
        self.embedder = nn.Linear(width, width)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> Readings:
        states = self.states(input_ids, attention_mask, token_type_ids)
        mean = mean_over(states, attention_mask)
        return Readings(
            self.head(pool(states, attention_mask, token_type_ids)),
            self.tagger(states),
            nn.functional.normalize(self.embedder(mean), dim=-1),
        )

    def states(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> Tensor:
        """(batch, tokens, width): what the encoder makes of each token."""
        return self.encoder(
            inputs_embeds=self.words(input_ids),
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
        ).last_hidden_state

    def load_base(self, tensors: dict[str, Tensor]) -> None:
        """Take over every tensor of the base encoder; a missing one is an error."""
        rest = dict(tensors)
        self.words.load(rest.pop("embeddings.word_embeddings.weight"))
        missing, unexpected = self.encoder.load_state_dict(rest, strict=False)
        if missing or unexpected:
            raise ValueError(f"weights: missing {missing}, unexpected {unexpected}")


def pool(states: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
    """(batch, tokens, width) -> (batch, 2 * width): first token and target's mean."""
    has_target = token_type_ids.amax(dim=1, keepdim=True)
    chosen = torch.where(has_target > 0, token_type_ids, attention_mask)
    return torch.cat([states[:, 0], mean_over(states, chosen)], dim=-1)


def mean_over(states: Tensor, chosen: Tensor) -> Tensor:
    """(batch, tokens, width) -> (batch, width): the mean of the chosen tokens."""
    weight = chosen.unsqueeze(-1).to(states.dtype)
    return (states * weight).sum(dim=1) / weight.sum(dim=1)

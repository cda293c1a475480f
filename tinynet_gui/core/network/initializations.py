"""How first weights are drawn, by name; the code stands in `core.training.torch_network`."""

INITIALIZATIONS: dict[str, str] = {
    "pytorch": "PyTorch default",
    "kaiming": "Kaiming",
    "xavier": "Xavier",
    "zeros": "zeros",
    "normal": "normal, σ = 0.5",
}
NORMAL_STD = 0.5

"""Floor 4: what drives a workshop, from "scan this" to "here is what you said"."""

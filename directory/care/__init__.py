"""All knowledge of the treatment: answers, questions, terms, the rules of the self-check."""

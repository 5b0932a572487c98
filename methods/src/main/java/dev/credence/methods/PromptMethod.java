package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.provenance.InputException;
import java.util.OptionalDouble;

/** Prompting: the text's beginning is fixed. Exact, and cheap; but it can express no other evidence. */
public final class PromptMethod extends TableConditioner {
    private static final MethodOption PROMPT =
            new MethodOption("prompt", "", "give the characters that the completion must begin with");

    /** Without state. */
    public PromptMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of("prompt", "fix the beginning of the text", "docs/theory.md#prompting", PROMPT);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(Evidence.prompt(beginning(options)), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        String beginning = beginning(options);
        double[] policy = new double[completions.size()];
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.text(i).startsWith(beginning) ? completions.prior(i) : 0;
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(1);
    }

    private static String beginning(MethodOptions options) {
        if (!options.has(PROMPT.name())) {
            throw InputException.ofOption("--prompt", "missing", PROMPT.help());
        }
        return options.text(PROMPT);
    }
}

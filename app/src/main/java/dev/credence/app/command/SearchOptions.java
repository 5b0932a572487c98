package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a model's posterior is searched for, and what is told of it besides figures. */
final class SearchOptions {
    @Option(
            names = "--until",
            paramLabel = "W",
            description = "Of a model: stop when log Z is known within W nats, looking first where it is least certain."
                    + " By default all that is neither excluded nor decided is summed.")
    private @Nullable Double until;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "Of a model: stop after so long with the interval that is reached, prompt by prompt.")
    private @Nullable Double budget;

    @Option(
            names = "--draw",
            paramLabel = "N",
            description = "Of a model: print N exact draws from the posterior of each prompt.")
    private @Nullable Integer draw;

    @Option(
            names = "--next",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TEXT",
            description =
                    "Of a model: print the posterior of the next token behind TEXT (by default behind the prompt),"
                            + " beside the prior's, with soft values.")
    private @Nullable String next;

    /** Checks the numbers. */
    void check() {
        if (until != null && !(until >= 0 && until < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("until", until.toString(), "a width in nats: 0 or larger");
        }
        if (budget != null && !(budget > 0 && budget < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("budget", budget.toString(), "it is a number of seconds, above 0");
        }
        if (draw != null && !(draw >= 1)) {
            throw InputException.ofSetting("draw", draw.toString(), "it must be 1 or more");
        }
    }

    /** Refuses what was given about something that is no model. */
    void refuse(String world) {
        String option = until != null
                ? "until"
                : budget != null ? "budget" : draw != null ? "draw" : next != null ? "next" : "";
        if (!option.isEmpty()) {
            throw InputException.ofSetting(
                    option, "given", "it is about a model's checkpoint folder; " + world + " is none");
        }
    }

    /** Whether less than everything may do. */
    boolean isAnytime() {
        return until != null || budget != null;
    }

    /** Whether soft values are needed. */
    boolean tells() {
        return draw != null || next != null;
    }

    double width() {
        return until == null ? 0 : until;
    }

    double seconds() {
        return budget == null ? Double.POSITIVE_INFINITY : budget;
    }

    int draws() {
        return draw == null ? 0 : draw;
    }

    @Nullable
    String next() {
        return next;
    }
}

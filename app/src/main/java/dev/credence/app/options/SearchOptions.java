package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.posteriors.SearchRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a model's posterior is searched for, and what is told of it besides figures. */
public final class SearchOptions {
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

    /** For the parser, which fills the fields. */
    public SearchOptions() {}

    /**
     * What is asked.
     *
     * @param seed of what is drawn
     * @return the request
     * @throws InputException if a number is none of a search
     */
    public SearchRequest request(long seed) {
        if (draw != null && draw < 1) {
            throw InputException.ofSetting("draw", draw.toString(), "it must be 1 or more");
        }
        return new SearchRequest(until, budget, draw == null ? 0 : draw, next, seed);
    }

    /**
     * Refuses what was given about something that is no model.
     *
     * @param world its name
     * @throws InputException if anything was
     */
    public void refuse(String world) {
        String option = until != null
                ? "until"
                : budget != null ? "budget" : draw != null ? "draw" : next != null ? "next" : "";
        if (!option.isEmpty()) {
            throw InputException.ofSetting(
                    option, "given", "it is about a model's checkpoint folder; " + world + " is none");
        }
    }

    /** {@return seconds, as given, or null} */
    public @Nullable Double budget() {
        return budget;
    }
}

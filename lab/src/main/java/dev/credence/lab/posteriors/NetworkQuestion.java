package dev.credence.lab.posteriors;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a network.
 *
 * @param given what its prior is conditioned on or set to: {@code VARIABLE=VALUE} or a population's name, all at once
 * @param observed evidence about what texts show: {@code VARIABLE=VALUE}, all at once
 * @param beside evidence about rewards or texts beside what is observed; null where that is all
 */
public record NetworkQuestion(
        List<String> given, List<String> observed, @Nullable PosteriorQuestion beside) {
    /**
     * Checks that something is asked.
     *
     * @param given what the prior is conditioned on or set to
     * @param observed evidence about what texts show
     * @param beside evidence beside it, or null
     * @throws IllegalArgumentException if nothing is observed and there is no other evidence
     */
    public NetworkQuestion {
        given = List.copyOf(given);
        observed = List.copyOf(observed);
        if (observed.isEmpty() && beside == null) {
            throw new IllegalArgumentException("without evidence there is no posterior");
        }
    }
}

package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The policy against what was aimed at, on the prompts of which some record fits it. Where none of a prompt's does, its target
 * cannot be told from none: such prompts are named, and what is said of the others is said of them alone.
 *
 * @param evaluation of the prompts of which some record fits
 * @param unfit names of the others
 * @param first why there is no target of the first of those, or null where there are none
 */
record Aimed(
        Evaluation evaluation, List<String> unfit, @Nullable String first) {
    private static final int NAMED = 3;

    /**
     * Holds every prompt against the evidence.
     *
     * @param pool the prompts
     * @param evidence the likelihood of a text through its reward
     * @throws NoPosteriorException if nothing of any prompt fits, or no text of a prompt whose texts are all known
     */
    static Aimed at(PromptPool pool, RewardLikelihood evidence) {
        PromptAtoms[] asked = new PromptAtoms[pool.size()];
        Fit[] fits = pool.all(
                c -> {
                    try {
                        asked[c] = pool.members().get(c).asking(evidence);
                        return new Fit(asked[c].asked(), null);
                    } catch (NoPosteriorException e) {
                        return new Fit(null, e);
                    }
                },
                Fit::told,
                Fit[]::new);
        List<PromptAtoms> fit = new ArrayList<>();
        List<String> unfit = new ArrayList<>();
        NoPosteriorException first = null;
        for (int c = 0; c < fits.length; c++) {
            PromptAtoms member = pool.members().get(c);
            if (fits[c].why == null) {
                fit.add(asked[c] != null ? asked[c] : member.withTarget(fits[c].target));
            } else {
                unfit.add(member.atoms().prompt());
                first = first == null ? fits[c].why : first;
            }
        }
        if (first != null && (fit.isEmpty() || pool.isExact())) {
            throw first;
        }
        Evaluation evaluation = Evaluator.evaluate(pool.of(fit), Double.NaN, Influence.Extent.VERDICTS);
        return new Aimed(evaluation, List.copyOf(unfit), first == null ? null : first.getMessage());
    }

    /**
     * Of one prompt.
     *
     * @param target the conditional, or null where there is none
     * @param why there is none, or null
     * @serial exclude
     */
    private record Fit(@Nullable Target target, @Nullable NoPosteriorException why) implements Serializable {
        Fit told() {
            return target == null ? this : new Fit(target.told(), null);
        }
    }

    /**
     * What the verdict on the prompts that fit says of all: where some do not, nothing is told of the whole, unless the others say
     * that it is no such conditional.
     */
    Verdict ofAll(Verdict ofThose) {
        if (first == null) {
            return ofThose;
        }
        boolean isNot = ofThose.label() == Verdict.Label.NOT;
        String named = unfit.stream().limit(NAMED).map(Words::quoted).collect(Collectors.joining(", "));
        int of = unfit.size() + evaluation.estimates().pool().size();
        String text = Gates.text(
                "%s. So it is with %d of %d prompts (%s%s), of which nothing is said. Of the others alone, where it is '%s': %s",
                first,
                unfit.size(),
                of,
                named,
                unfit.size() > NAMED ? " and " + (unfit.size() - NAMED) + " more" : "",
                ofThose.label().words(),
                ofThose.text());
        String whole = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
        return new Verdict(isNot ? Verdict.Label.NOT : Verdict.Label.CANNOT_TELL, whole, ofThose.advice());
    }
}

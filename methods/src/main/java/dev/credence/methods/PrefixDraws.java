package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A model whose completions begin with fixed tokens: π(x) = π0(x)/π0(these tokens) of those that do. */
final class PrefixDraws implements ConditionedModel {
    private final PredictiveModel prior;
    private final DrawnEvidence asked;
    private final int horizon;
    private final String beginning;

    PrefixDraws(PredictiveModel prior, DrawnEvidence asked, int horizon, String beginning) {
        this.prior = prior;
        this.asked = asked;
        this.horizon = horizon;
        this.beginning = beginning;
    }

    @Override
    public Aim aim() {
        return Aim.at(
                Evidence.event(
                        "the text begins with the tokens of '" + beginning + "'",
                        (prompt, text) -> text.startsWith(beginning)),
                Aim.EXACT);
    }

    @Override
    public Drawn sample(int[] prompt, int n, long mostDraws, RandomGenerator random) {
        int[] fixed = fixed(prompt);
        double[] logProbs = prior.logProbs(List.of(new Continuation(prompt, fixed)))[0];
        int most = (int) Math.min(n, mostDraws);
        List<Sample> whole = new ArrayList<>();
        Sampling rest = Sampling.upTo(horizon - fixed.length);
        for (Sample drawn : prior.sample(new Continuation(prompt, fixed).whole(), most, rest, random)) {
            whole.add(new Sample(
                    joined(fixed, drawn.tokens()),
                    joined(logProbs, drawn.logProbs()),
                    joined(logProbs, drawn.sampledLogProbs()),
                    drawn.finished()));
        }
        double[] logLikelihoods = asked.logLikelihoods(prompt, whole);
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < logLikelihoods.length; i++) {
            texts.add(new Text(whole.get(i), logLikelihoods[i]));
        }
        return new Drawn(texts, most, most, new double[0], most < n);
    }

    @Override
    public double logRatio(int[] prompt, Sample text) {
        int[] fixed = fixed(prompt);
        if (text.tokens().length < fixed.length
                || !Arrays.equals(fixed, 0, fixed.length, text.tokens(), 0, fixed.length)) {
            return Double.NEGATIVE_INFINITY;
        }
        double sum = 0;
        for (int i = 0; i < fixed.length; i++) {
            sum -= text.logProbs()[i];
        }
        return sum;
    }

    private int[] fixed(int[] prompt) {
        int[] fixed = asked.tokens(prompt, beginning);
        if (!(fixed.length < horizon)) {
            throw InputException.ofSetting(
                    "prompt",
                    beginning,
                    "it is " + fixed.length + " tokens, and texts are cut after " + horizon
                            + ": something must follow");
        }
        return fixed;
    }

    private static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static double[] joined(double[] first, double[] second) {
        double[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}

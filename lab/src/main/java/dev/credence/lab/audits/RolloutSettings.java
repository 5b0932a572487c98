package dev.credence.lab.audits;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.lab.rollouts.RolloutRun;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How texts are drawn from two models for an audit, and where they begin and end.
 *
 * @param samples texts a prompt and model that are scored under both, about so many; null for 1,000, and where a log is completed
 *     for as many as there are of the other model
 * @param draws texts a prompt to draw from the prior, of which about {@code samples} are kept by their reward and scored; null
 *     for as many as the posteriors need
 * @param maxNewTokens tokens after which a drawn text is cut; null for 64, and where a log is completed for its longest text
 * @param bridge the checkpoint folder of a third model between the two, or null
 * @param tilts λ of the posteriors π0 e^{λr}/Z that are drawn from exactly besides, in units of 1/reward; none with a bridge
 * @param budget seconds after which no more is drawn; null for none but the 200 of draws beyond {@code samples}
 * @param precision drawing ends once the intervals of the Bayes fraction and of KL(π‖asked), the latter as a share of the whole
 *     move, are narrower; null for no such end
 * @param begin whether prompts get the begin token
 * @param end which tokens end a text
 */
public record RolloutSettings(
        @Nullable Integer samples,
        @Nullable Integer draws,
        @Nullable Integer maxNewTokens,
        @Nullable String bridge,
        List<Double> tilts,
        @Nullable Double budget,
        @Nullable Double precision,
        BeginToken begin,
        EndChoice end) {
    private static final int SAMPLES = 1000;
    private static final int TOKENS = 64;
    private static final RolloutSettings STANDARD =
            new RolloutSettings(null, null, null, null, List.of(), null, null, BeginToken.AUTO, EndChoice.AUTO);

    /**
     * Checks the numbers.
     *
     * @param samples as above
     * @param draws as above
     * @param maxNewTokens as above
     * @param bridge as above
     * @param tilts as above
     * @param budget as above
     * @param precision as above
     * @param begin as above
     * @param end as above
     * @throws InputException naming the setting that is not positive and finite, or the tilts that are none or stand beside a
     *     bridge
     */
    public RolloutSettings {
        positive("samples", samples);
        positive("draws", draws);
        positive("max-new-tokens", maxNewTokens);
        positive("budget", budget);
        positive("precision", precision);
        tilts = List.copyOf(tilts);
        checkTilts(tilts, bridge);
    }

    private static void positive(String setting, @Nullable Number value) {
        if (value != null && !(value.doubleValue() > 0 && value.doubleValue() < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting(setting, value.toString(), "it must be a finite number above 0");
        }
    }

    private static void checkTilts(List<Double> tilts, @Nullable String bridge) {
        String given = tilts.stream().map(String::valueOf).collect(Collectors.joining(","));
        if (bridge != null && !tilts.isEmpty()) {
            throw InputException.ofSetting(
                    "tilts", given, "a bridge needs every draw's log-probability, and that of a tilt is not known");
        }
        if (!tilts.stream().allMatch(tilt -> tilt != 0 && Double.isFinite(tilt))
                || tilts.stream().distinct().count() < tilts.size()) {
            throw InputException.ofSetting("tilts", given, "each is a finite number other than 0, once");
        }
    }

    /** {@return 1,000 texts a prompt and model of at most 64 tokens, and what the posteriors need besides} */
    public static RolloutSettings standard() {
        return STANDARD;
    }

    /**
     * The same with another number of scored texts.
     *
     * @param other texts a prompt and model, above 0
     * @return the settings
     */
    public RolloutSettings samples(int other) {
        return new RolloutSettings(other, draws, maxNewTokens, bridge, tilts, budget, precision, begin, end);
    }

    /**
     * The same with a number of texts drawn from the prior.
     *
     * @param other texts a prompt, above 0
     * @return the settings
     */
    public RolloutSettings draws(int other) {
        return new RolloutSettings(samples, other, maxNewTokens, bridge, tilts, budget, precision, begin, end);
    }

    /**
     * The same with texts cut elsewhere.
     *
     * @param other tokens, above 0
     * @return the settings
     */
    public RolloutSettings maxNewTokens(int other) {
        return new RolloutSettings(samples, draws, other, bridge, tilts, budget, precision, begin, end);
    }

    /**
     * The same with another limit of time.
     *
     * @param seconds above 0
     * @return the settings
     */
    public RolloutSettings budget(double seconds) {
        return new RolloutSettings(samples, draws, maxNewTokens, bridge, tilts, seconds, precision, begin, end);
    }

    /** What to do where time ended a draw before its records carry the figures. */
    String moreTime() {
        return budget == null
                ? "Give the draw more time: draws of the prior ended after four times what the samples took, before there were"
                        + " enough; a budget in seconds sets another time, and tilts draw where the posterior is."
                : "Give the draw more time: the budget of " + FigureFormat.inWords(budget)
                        + " seconds ended it before there were enough texts, which says nothing of the policy; or ask for"
                        + " fewer prompts or samples.";
    }

    /** What a run that draws a new log keeps to; a reward that may be slow or dear is not asked about texts nobody wanted. */
    RolloutRun.Limits limits(boolean isSlowReward) {
        int texts = samples == null ? SAMPLES : samples;
        return new RolloutRun.Limits(
                texts,
                draws == null ? (isSlowReward ? texts : 0) : draws,
                maxNewTokens == null ? TOKENS : maxNewTokens,
                budget == null ? Double.POSITIVE_INFINITY : budget,
                precision == null ? 0 : precision,
                begin);
    }
}

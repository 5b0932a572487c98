package dev.credence.app.command;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.PointwiseLikelihood;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.LogReward;
import dev.credence.lab.inputs.OutcomeReward;
import dev.credence.lab.inputs.WorldInput;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The evidence that a user names, and how often it was seen. */
final class EvidenceOption {
    private static final String FORMS =
            "a reward's name, probability:NAME, level:X, at-least:X, range:LOW,HIGH, top:SHARE,"
                    + " beats:N, pool:K, raters:N, prompt:TEXT, or an event such as contains:TEXT or regex:PATTERN";

    @Mixin
    private RewardOptions question = new RewardOptions();

    @Option(names = "--copies", paramLabel = "N", description = "Copies of the evidence, any real number (default 1).")
    private @Nullable Double copies;

    @Option(
            names = "--evidence",
            paramLabel = "EVIDENCE",
            description = "What was observed: " + FORMS + ". By default the reward itself, as a log-likelihood.")
    private @Nullable String evidence;

    /**
     * The evidence, resolved in a world.
     *
     * @param words what is observed
     * @param copies λ; ∞ for β = 0
     * @param rewardName the reward's name; null where the evidence needs none
     * @param reward the reward, or null
     * @param isTilt whether it is the reward itself, so that λ counts its copies
     * @param posterior the exact posterior
     */
    record Asked(
            String words,
            double copies,
            @Nullable String rewardName,
            @Nullable RewardFunction reward,
            boolean isTilt,
            TablePosterior posterior) {}

    Asked on(WorldInput source) {
        double lambda = lambda();
        String kind = evidence == null ? "" : kind(evidence);
        if (kind.equals("prompt") || kind.equals("contains") || kind.equals("regex")) {
            return event(source, event(kind), lambda);
        }
        boolean named = isNamed(kind);
        String text = named && evidence != null ? evidence.replaceFirst("^probability:", "") : question.reward();
        WorldInput.Named r = source.reward(named ? "evidence" : "reward", text);
        return on(source.world().prior(), r);
    }

    /** Whether anything of it is given: without it and without an observation one copy of the only reward is asked for. */
    boolean isGiven() {
        return evidence != null || copies != null || question.beta() != null || question.reward() != null;
    }

    /** The reward that the evidence is about, as typed; null for the only one; an event of texts stands for itself. */
    @Nullable
    String about() {
        String kind = evidence == null ? "" : kind(evidence);
        boolean event = kind.equals("prompt") || kind.equals("contains") || kind.equals("regex");
        if (evidence == null || !(event || isNamed(kind))) {
            return question.reward();
        }
        return event ? evidence : evidence.replaceFirst("^probability:", "");
    }

    /** The reward as the user typed it, or null. */
    @Nullable
    String reward() {
        return question.reward();
    }

    RewardType rewardType() {
        return question.rewardType();
    }

    /** Evidence about one reward, whatever knows it. */
    Asked on(TableModel prior, WorldInput.Named r) {
        double lambda = lambda();
        String kind = evidence == null ? "" : kind(evidence);
        refuseEvent(kind);
        if (Double.isInfinite(lambda) && !kind.isEmpty()) {
            throw InputException.ofSetting(
                    "beta", "0", "it is the limit of a reward; with --evidence " + kind + ": name --copies");
        }
        boolean isTilt = kind.isEmpty() || kind.equals("table");
        if (!isTilt && !kind.equals("probability") && lambda != 1) {
            throw InputException.ofSetting("copies", String.valueOf(lambda), "--evidence " + kind + ": is seen once");
        }
        return of(prior, r, likelihood(kind, lambda), isTilt ? lambda : 1, isTilt);
    }

    /**
     * Evidence that each text's own reward decides.
     *
     * @param words what is observed
     * @param copies of the reward; 1 where it is another evidence
     * @param isTilt whether it is the reward itself
     * @param likelihood of one text at a time
     */
    record Pointwise(String words, double copies, boolean isTilt, PointwiseLikelihood likelihood) {}

    /** The same evidence of one text at a time; an error where it depends on the rewards of all. */
    Pointwise pointwise() {
        double lambda = lambda();
        String kind = evidence == null ? "" : kind(evidence);
        refuseEvent(kind);
        boolean isTilt = kind.isEmpty() || kind.equals("table");
        if (Double.isInfinite(lambda) || List.of("top", "beats", "pool").contains(kind)) {
            throw InputException.ofSetting(
                    isTilt ? "beta" : "evidence",
                    isTilt ? "0" : String.valueOf(evidence),
                    "it needs the rewards of all texts: choose a shorter horizon, and leave --until, --budget, --draw and"
                            + " --next out");
        }
        if (!isTilt && !kind.equals("probability") && lambda != 1) {
            throw InputException.ofSetting("copies", String.valueOf(lambda), "--evidence " + kind + ": is seen once");
        }
        RewardLikelihood all = likelihood(kind, lambda);
        PointwiseLikelihood likelihood = switch (kind) {
            case "", "table" -> PointwiseLikelihood.tilt(lambda);
            case "level" -> PointwiseLikelihood.range(number(), number());
            case "at-least" -> PointwiseLikelihood.range(number(), Double.POSITIVE_INFINITY);
            case "range" ->
                PointwiseLikelihood.range(
                        number(argument().split(",", -1)[0]), number(argument().split(",", -1)[1]));
            default -> PointwiseLikelihood.ofProbability(all);
        };
        return new Pointwise(all.describe(), isTilt ? lambda : 1, isTilt, likelihood);
    }

    private void refuseEvent(String kind) {
        if (List.of("prompt", "contains", "regex").contains(kind)) {
            String rule = "of a model's texts write it as --reward " + evidence + " --evidence at-least:1";
            throw InputException.ofSetting("evidence", String.valueOf(evidence), rule);
        }
    }

    private double lambda() {
        Double beta = question.beta();
        if (beta != null && copies != null) {
            throw InputException.ofSetting("copies", String.valueOf(copies), "give --beta or --copies, not both");
        }
        if (beta != null) {
            if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
                throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
            }
            return 1 / beta;
        }
        double n = copies == null ? 1 : copies;
        if (!(Math.abs(n) < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("copies", String.valueOf(n), "it must be a finite number");
        }
        return n;
    }

    private RewardLikelihood likelihood(String kind, double lambda) {
        try {
            return switch (kind) {
                case "", "table" -> RewardLikelihood.tilt(lambda);
                case "probability" -> RewardLikelihood.copies(lambda);
                case "level" -> RewardLikelihood.level(number());
                case "at-least" -> RewardLikelihood.atLeast(number());
                case "range" -> range();
                case "top" -> RewardLikelihood.topQuantile(number());
                case "beats" -> RewardLikelihood.beats(number());
                case "pool" -> RewardLikelihood.lucePool(number());
                case "raters" -> RewardLikelihood.poissonRaters(number());
                default -> throw InputException.ofSetting("evidence", String.valueOf(evidence), "it is " + FORMS);
            };
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("evidence", String.valueOf(evidence), String.valueOf(e.getMessage()));
        }
    }

    private boolean isNamed(String kind) {
        return evidence != null && (kind.isEmpty() || kind.equals("probability") || kind.equals("table"));
    }

    private static Asked of(
            TableModel prior, WorldInput.Named reward, RewardLikelihood likelihood, double copies, boolean isTilt) {
        try {
            TablePosterior posterior = TablePosterior.of(prior, reward.function(), likelihood);
            return new Asked(likelihood.describe(), copies, reward.name(), reward.function(), isTilt, posterior);
        } catch (NoPosteriorException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("evidence", likelihood.describe(), String.valueOf(e.getMessage()));
        }
    }

    private Asked event(WorldInput source, Evidence event, double lambda) {
        if (Double.isInfinite(lambda)) {
            throw InputException.ofSetting("beta", "0", "an event has no reward to be the largest; leave --beta out");
        }
        Evidence copied = lambda == 1 ? event : event.times(lambda);
        return new Asked(
                copied.describe(),
                lambda,
                null,
                null,
                false,
                TablePosterior.of(source.world().prior(), copied));
    }

    private Evidence event(String kind) {
        String text = String.valueOf(evidence);
        if (kind.equals("prompt")) {
            return Evidence.prompt(argument());
        }
        LogReward expression = LogReward.of(text);
        if (expression.expression() == null) {
            throw InputException.ofSetting("evidence", text, "it is " + FORMS);
        }
        RewardFunction truth = new OutcomeReward(expression.expression());
        return Evidence.event(text, (prompt, completion) -> truth.reward(prompt, completion) > 0);
    }

    private RewardLikelihood range() {
        String[] ends = argument().split(",", -1);
        if (ends.length != 2) {
            throw InputException.ofSetting("evidence", String.valueOf(evidence), "a range is range:LOW,HIGH");
        }
        return RewardLikelihood.range(number(ends[0]), number(ends[1]));
    }

    private double number() {
        return number(argument());
    }

    private double number(String text) {
        try {
            return Double.parseDouble(text.trim());
        } catch (NumberFormatException e) {
            throw InputException.ofSetting("evidence", String.valueOf(evidence), "'" + text + "' is not a number");
        }
    }

    private String argument() {
        String text = String.valueOf(evidence);
        return text.substring(text.indexOf(':') + 1);
    }

    private static String kind(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
    }
}

package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.MeanReward;
import dev.credence.core.posterior.MomentConstraints;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Completions;
import dev.credence.methods.Conditioned;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Moments;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Generation with distributional control (Khalifa, Elsahar and Dymetman 2021): the nearest distribution to the prior that has
 * the wanted mean rewards, π0 e^{λ·φ}/Z. On a table it is computed; on a model λ is fitted to draws of the prior by
 * self-normalised importance weights, then the policy descends KL(target‖policy) as {@link FDpg} does
 * (docs/theory.md#moment-constraints).
 *
 * @param moment the mean rewards that are wanted; at least one must be given
 * @param train whether on a table too by steps on drawn texts
 * @param schedule how long and how fast
 */
public record Gdc(
        @Setting(
                help =
                        "give the mean reward that is wanted: a number, or REWARD=NUMBER; several times for several rewards",
                unit = "reward")
        Moments moment,

        @Setting(help = "on a table too by steps on drawn texts, instead of its closed form")
        boolean train,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<Gdc> {
    /**
     * Checks the settings.
     *
     * @param moment any
     * @param train any
     * @param schedule any
     */
    public Gdc {
        Settings.check(Gdc.class, moment, train, schedule);
    }

    /** Without a moment: it aims at nothing yet. */
    public Gdc() {
        this(Moments.NONE, false, Schedule.STANDARD);
    }

    /**
     * With a mean of the reward that is asked.
     *
     * @param mean wanted
     * @return the method
     */
    public static Gdc of(double mean) {
        return of(Moments.of(mean));
    }

    /**
     * With means of several rewards.
     *
     * @param means wanted, at least one
     * @return the method
     */
    public static Gdc of(Moments means) {
        return new Gdc(means, false, Schedule.STANDARD);
    }

    /** {@return a copy that trains by steps on drawn texts on a table too} */
    public Gdc training() {
        return new Gdc(moment, true, schedule);
    }

    @Override
    public Gdc scheduled(Schedule other) {
        return new Gdc(moment, train, other);
    }

    private List<Moments.Moment> wanted() {
        if (moment.all().isEmpty()) {
            throw InputException.ofSetting("moment", "missing", "give the mean reward that is wanted");
        }
        return moment.all();
    }

    private OptionalDouble ofAsked() {
        Moments.Moment first = wanted().get(0);
        return moment.all().size() == 1 && first.function() == null
                ? OptionalDouble.of(first.mean())
                : OptionalDouble.empty();
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Gdc(),
                "gdc",
                "meet mean rewards at the least KL from the prior",
                "Khalifa, Elsahar and Dymetman 2021; docs/theory.md#moment-constraints");
    }

    @Override
    public Aim aim(RewardType type) {
        OptionalDouble mean = ofAsked();
        if (mean.isPresent()) {
            return Aim.at(new MeanReward(mean.getAsDouble()), Aim.FORWARD);
        }
        String words = String.join(", ", moment.all().stream().map(Gdc::words).toList());
        return Aim.atNoPosterior(
                        "of the distributions with " + words + ", the one nearest to the prior",
                        Aim.FORWARD,
                        "it is evidence of several rewards, which no number of copies of the one that is asked gives")
                .tendingTo((prior, reward) -> met(prior, Evidence.reward(reward).times(1)));
    }

    private static String words(Moments.Moment one) {
        return "mean " + (one.reward().isEmpty() ? "reward" : one.reward()) + " " + FigureFormat.inWords(one.mean());
    }

    private TableModel met(TableModel prior, Evidence asked) {
        return prior.map((prompt, texts) -> met(prompt, texts, Completions.of(prompt, texts, asked)));
    }

    private Distribution met(String prompt, Distribution texts, Completions completions) {
        double[][] features = new double[wanted().size()][];
        double[] means = new double[features.length];
        for (int k = 0; k < features.length; k++) {
            Moments.Moment one = moment.all().get(k);
            means[k] = one.mean();
            features[k] = one.function() == null
                    ? completions.rewards()
                    : one.function().rewards(prompt, texts);
        }
        try {
            return MomentConstraints.meet(texts, features, means).posterior();
        } catch (IllegalArgumentException e) {
            String asked =
                    String.join(", ", moment.all().stream().map(Gdc::words).toList());
            throw new NoPosteriorException("no distribution on the prior's texts of prompt '" + prompt + "' has "
                    + asked + ": " + e.getMessage());
        }
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        return schedule.at(place);
    }

    /** The closed form, unless training is asked for. */
    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        if (train) {
            return TrainedConditioner.super.condition(prior, asked, random);
        }
        return new Conditioned(
                card().name(),
                Map.of("moment", moment.toString()),
                aim(asked.rewardType()),
                met(prior, asked),
                OptionalDouble.empty(),
                OptionalLong.empty());
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        double mean = ofAsked()
                .orElseThrow(() -> InputException.ofSetting(
                        "moment",
                        moment.toString().replace("\n", ", "),
                        "where texts are drawn it is the mean of the reward that is asked, a number alone"));
        return FDpgTraining.atMean(policy, task, mean, settings);
    }
}

package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.diagnostics.BinomialInterval;
import dev.credence.core.diagnostics.Typicality;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Does tuning data go on where the pre-training data stopped? The statistic of how typical its texts are of the prior, with its
 * power, beside the KL that it cannot see and what is believed of the hidden camera (docs/theory.md#typical-texts).
 */
public final class Continuity implements Experiment {
    private static final double WANTED_POWER = .8;
    private static final double[] SIZES = {.05, .1, .2, .5, 1, 2}; // of the power curve, in data sets
    private static final double NORMAL = 1.959963984540054; // 97.5 % quantile
    private static final double SEEN = 1e-9; // nats of KL that are no rounding
    private static final double MOVED = 1e-6; // total variation of beliefs that is worth a word

    /** For the service loader. */
    public Continuity() {}

    @Override
    public String name() {
        return "continuity";
    }

    @Override
    public String question() {
        return "Does tuning data come from where the prior's texts came from, and can its texts alone tell?";
    }

    @Override
    public List<String> related() {
        return List.of("sft-copies", "feedme");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<KeyFigure> keys = new ArrayList<>();
        for (String data : settings.texts("data")) {
            if (data.equals("same")) {
                keys.add(KeyFigure.of(
                        "share of the prior's own data rejected",
                        "power.same",
                        "the level, " + settings.text("level")));
            } else if (data.equals("selfgenerated")) {
                keys.add(KeyFigure.of("z of self-generated data", "typicality.selfgenerated.z", "in the mean")
                        .expecting("typicality.selfgenerated.expected"));
            }
        }
        return keys;
    }

    @Override
    public List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.text("world", "notebook", "the world whose prior is tuned: a file, or one that ships"),
                ExperimentKey.whole("records", 200, 1, 100_000, "records of a tuning data set"),
                ExperimentKey.number("level", ".05", 1e-6, .5, "level of the two-sided test"),
                ExperimentKey.whole(
                        "repeats", 1000, 100, 100_000, "data sets of each kind that the power is counted on"),
                ExperimentKey.texts(
                        "data",
                        String.join(",", TuningWorld.STANDARD),
                        List.of(),
                        "data sets: same (the prior's own texts), reordered (words that can change places do, at random),"
                                + " sorted (the same words in order), selfgenerated, and populations of the world by name"),
                ExperimentKey.number(
                        "temperature",
                        ".7",
                        .01,
                        100,
                        "temperature of the prior whose outputs selfgenerated holds, where the world has no population of"
                                + " that name"),
                ExperimentKey.text(
                        "camera",
                        "",
                        "the hidden variable that is believed in; empty for the one called camera, else the world's first"),
                ExperimentKey.seed());
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return switch (effort.size()) {
            case QUICK -> Map.of("repeats", "300");
            case STANDARD -> Map.of();
            case FULL -> Map.of("repeats", "10000");
        };
    }

    /** What is known of one kind of data; sampled figures are missing where all texts are equally likely. */
    private record Outcome(
            TuningWorld.Data data,
            double expected,
            @Nullable Sampled sampled,
            double needed) {}

    /**
     * What draws of it show.
     *
     * @param z of the first data set, with an interval for its expectation
     * @param power of the repeats, (sizes) of (lower, share, upper)
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Sampled(double[] z, double[][] power) {}

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        TuningWorld world = TuningWorld.read(settings.text("world"));
        Camera camera = Camera.of(world, settings);
        ExperimentResult.Builder result = ExperimentResult.builder();
        result.inputs(List.of(world.input()));
        result.exact(
                "prior.entropy",
                "Mean of −log π0 of the prior's own texts?",
                world.typicality().entropy(),
                "nats");
        result.exact(
                "prior.deviation", "Its standard deviation?", world.typicality().deviation(), "nats");
        Set<String> names = new LinkedHashSet<>(List.of(TuningWorld.SAME));
        names.addAll(settings.texts("data"));
        List<Outcome> outcomes = new ArrayList<>();
        for (String name : names) {
            Optional<TuningWorld.Data> data = world.data(name, settings.number("temperature"));
            if (data.isPresent()) {
                Outcome outcome = outcome(world, data.get(), settings);
                add(outcome, settings, result);
                camera.add(data.get(), result);
                outcomes.add(outcome);
                listener.accept(name + ": " + FigureFormat.of(data.get().kl()) + " nats from the prior");
            } else {
                withdraw(name, result);
            }
        }
        tables(outcomes, settings, camera, result);
        pictures(outcomes, settings, camera, result);
        return result.conclude(
                new Conclusion(outcomes, settings, camera, result).text(),
                "The prior is known here, text by text. With a language model its entropy is estimated, and a data set may differ"
                        + " in ways that no probability of the model shows. The test is of data as a whole; it does not say"
                        + " which records are foreign, and typical texts can come from anywhere: provenance has to be recorded.");
    }

    private static Outcome outcome(TuningWorld world, TuningWorld.Data data, ExperimentSettings settings) {
        Typicality typicality = world.typicality();
        double deviation = typicality.deviation();
        if (!(deviation > 0)) {
            return new Outcome(data, Double.NaN, null, Double.NaN);
        }
        int records = settings.count("records");
        double excess = data.excess();
        double spread = data.deviation() / deviation;
        double quantile = new NormalDistribution().inverseCumulativeProbability(1 - settings.number("level") / 2);
        double wanted = new NormalDistribution().inverseCumulativeProbability(WANTED_POWER);
        double needed =
                excess == 0 ? Double.POSITIVE_INFINITY : Math.pow((quantile + spread * wanted) * deviation / excess, 2);
        return new Outcome(
                data,
                excess == 0 ? 0 : excess * Math.sqrt(records) / deviation,
                new Repeats(data, deviation, settings).sampled(spread),
                Math.max(1, Math.ceil(needed)));
    }

    /** Records at which the power is counted; the setting's own among them. */
    private static int[] sizes(ExperimentSettings settings) {
        Set<Integer> sizes = new TreeSet<>();
        for (double size : SIZES) {
            sizes.add((int) Math.max(1, Math.round(size * settings.count("records"))));
        }
        return sizes.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Data sets drawn again and again, each looked at while it grows. */
    private static final class Repeats {
        private final double[] cumulative; // (atoms)
        private final double[] excess; // (atoms) −log π0 − H, nats
        private final double deviation;
        private final ExperimentSettings settings;
        private final long stream; // seed, the data's own

        Repeats(TuningWorld.Data data, double deviation, ExperimentSettings settings) {
            this.cumulative =
                    data.atoms().stream().mapToDouble(TuningWorld.Atom::mass).toArray();
            Arrays.parallelPrefix(cumulative, Double::sum);
            this.excess =
                    data.atoms().stream().mapToDouble(TuningWorld.Atom::excess).toArray();
            this.deviation = deviation;
            this.settings = settings;
            this.stream = settings.whole("seed") + ((long) data.name().hashCode() << 20);
        }

        private double draw(RandomGenerator random) {
            int at = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[cumulative.length - 1]);
            return excess[Math.min(excess.length - 1, at < 0 ? -at - 1 : at + 1)];
        }

        Sampled sampled(double spread) {
            int[] sizes = sizes(settings);
            int[] rejected = new int[sizes.length];
            int repeats = settings.count("repeats");
            double level = settings.number("level");
            double first = Double.NaN;
            SplittableRandom random = new SplittableRandom(stream);
            for (int repeat = 0; repeat < repeats; repeat++) {
                double sum = 0;
                int drawn = 0;
                for (int k = 0; k < sizes.length; k++) {
                    for (; drawn < sizes[k]; drawn++) {
                        sum += draw(random);
                    }
                    double z = sum / Math.sqrt(drawn) / deviation;
                    rejected[k] += Typicality.pValue(z) < level ? 1 : 0;
                    if (repeat == 0 && drawn == settings.count("records")) {
                        first = z;
                    }
                }
            }
            double[][] power = Arrays.stream(rejected)
                    .mapToObj(count -> BinomialInterval.of(count, repeats))
                    .toArray(double[][]::new);
            return new Sampled(new double[] {first - NORMAL * spread, first, first + NORMAL * spread}, power);
        }
    }

    private static int at(int[] sizes, ExperimentSettings settings) {
        return Arrays.binarySearch(sizes, settings.count("records"));
    }

    private static void add(Outcome outcome, ExperimentSettings settings, ExperimentResult.Builder result) {
        String name = outcome.data.name();
        Sampled sampled = outcome.sampled;
        if (sampled == null) {
            String why = "every text of the prior is equally likely: none is less typical than another";
            for (String id : List.of("typicality." + name + ".z", "typicality." + name + ".p", "power." + name)) {
                withdraw(id, why, result);
            }
        } else {
            double[] z = sampled.z;
            result.finding(new Finding(
                    "typicality." + name + ".z",
                    "How far is the mean surprise of a data set of " + name + " from the prior's entropy?",
                    z[0],
                    z[1],
                    z[2],
                    Grade.ESTIMATED,
                    "standard errors",
                    "exact deviation of the data's surprise",
                    null));
            double nearest = z[0] < 0 && z[2] > 0 ? 0 : Math.min(Math.abs(z[0]), Math.abs(z[2]));
            result.finding(new Finding(
                    "typicality." + name + ".p",
                    "Two-sided p-value of it, were " + name + " the prior's own?",
                    Typicality.pValue(Math.max(Math.abs(z[0]), Math.abs(z[2]))),
                    Typicality.pValue(z[1]),
                    Typicality.pValue(nearest),
                    Grade.ESTIMATED,
                    "probability",
                    "at the ends of z's interval",
                    null));
            result.exact(
                    "typicality." + name + ".expected",
                    "Expectation of z of " + name + "?",
                    outcome.expected,
                    "standard errors");
            double[] power = sampled.power[at(sizes(settings), settings)];
            result.finding(new Finding(
                    "power." + name,
                    "Share of data sets of " + name + " whose p-value is under the level?",
                    power[0],
                    power[1],
                    power[2],
                    Grade.ESTIMATED,
                    "share",
                    "Clopper-Pearson",
                    null));
        }
        result.exact(
                "kl." + name, "How far is the distribution of " + name + " from the prior?", outcome.data.kl(), "nats");
    }

    private static void withdraw(String name, ExperimentResult.Builder result) {
        String why = name.equals(TuningWorld.REORDERED) || name.equals(TuningWorld.SORTED)
                ? "no two places of a text take the same words, so that none can change places"
                : "the world names no population " + name;
        for (String id : List.of(
                "typicality." + name + ".z",
                "typicality." + name + ".p",
                "power." + name,
                "kl." + name,
                "camera." + name)) {
            withdraw(id, why, result);
        }
    }

    private static void withdraw(String id, String why, ExperimentResult.Builder result) {
        double none = Double.NaN;
        result.finding(
                new Finding(id, "Not to be had in this world", none, none, none, Grade.WITHDRAWN, "", null, why));
    }

    /**
     * The hidden variable that data is about.
     *
     * @param world where it is
     * @param variable its name; null where the world has none
     * @param foreign the value that data of another camera has
     * @param prior value to probability; empty where the world has none
     */
    private record Camera(TuningWorld world, @Nullable String variable, String foreign, Map<String, Double> prior) {
        static Camera of(TuningWorld world, ExperimentSettings settings) {
            List<String> hidden = world.hidden();
            String asked = settings.text("camera");
            if (!asked.isEmpty() && !hidden.contains(asked)) {
                throw InputException.ofSetting(
                        "camera",
                        asked,
                        hidden.isEmpty()
                                ? "the world has no hidden variables"
                                : "it is a hidden variable of the world; " + NearestName.hint(asked, hidden));
            }
            if (hidden.isEmpty()) {
                return new Camera(world, null, "", Map.of());
            }
            String variable = !asked.isEmpty() ? asked : hidden.contains("camera") ? "camera" : hidden.get(0);
            Map<String, Double> prior = world.belief(
                            world.data(TuningWorld.SAME, 1).orElseThrow(), variable)
                    .orElseThrow();
            return new Camera(world, variable, foreign(world, variable, prior), prior);
        }

        /** Total variation of two beliefs. */
        static double distance(Map<String, Double> one, Map<String, Double> other) {
            double sum = 0;
            for (Map.Entry<String, Double> each : one.entrySet()) {
                sum += Math.abs(each.getValue() - other.getOrDefault(each.getKey(), 0.0));
            }
            return sum / 2;
        }

        /** The likeliest value of data of another camera; where the world has none such, the prior's least likely. */
        private static String foreign(TuningWorld world, String variable, Map<String, Double> prior) {
            Map<String, Double> told = world.data(TuningWorld.OTHER_CAMERA, 1)
                    .flatMap(data -> world.belief(data, variable))
                    .orElseGet(() -> {
                        Map<String, Double> rare = new LinkedHashMap<>();
                        prior.forEach((value, p) -> rare.put(value, -p));
                        return rare;
                    });
            return told.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey();
        }

        /** Beliefs in its values: of whom knows the population, and read text by text. */
        List<Optional<Map<String, Double>>> beliefs(TuningWorld.Data data) {
            String name = variable;
            return name == null
                    ? List.of(Optional.empty(), Optional.empty())
                    : List.of(world.belief(data, name), world.reading(data, name));
        }

        void add(TuningWorld.Data data, ExperimentResult.Builder result) {
            String id = "camera." + data.name();
            List<Optional<Map<String, Double>>> both = beliefs(data);
            String why = variable == null
                    ? "the world has no hidden variable"
                    : "the prior excludes some of these texts: it believes nothing behind them";
            both.get(0)
                    .ifPresentOrElse(
                            belief -> {
                                result.exact(
                                        id,
                                        "Probability that " + variable + " is " + foreign
                                                + ", for a model that is tuned to the population of " + data.name()
                                                + "?",
                                        belief.getOrDefault(foreign, 0.0),
                                        "probability");
                                belief.forEach((value, p) -> result.exact(
                                        id + "." + value,
                                        "Probability that " + variable + " is " + value + ", likewise of " + data.name()
                                                + "?",
                                        p,
                                        "probability"));
                            },
                            () -> withdraw(id, why, result));
            both.get(1)
                    .ifPresent(read -> result.exact(
                            id + ".read",
                            "Probability that " + variable + " is " + foreign
                                    + ", as the prior reads it off the texts of " + data.name() + " alone?",
                            read.getOrDefault(foreign, 0.0),
                            "probability"));
        }
    }

    private static void tables(
            List<Outcome> outcomes, ExperimentSettings settings, Camera camera, ExperimentResult.Builder result) {
        int[] sizes = sizes(settings);
        DataTable.Builder data = DataTable.of(
                "Tuning data against the prior",
                "data",
                "KL from the prior, nats",
                "mean surprise, nats",
                "z expected",
                "z",
                "p",
                "power",
                "lower",
                "upper",
                "records for power .8, about");
        DataTable.Builder power = DataTable.of(
                "Share of data sets with a p-value under the level", "records", "data", "power", "lower", "upper");
        DataTable.Builder beliefs = DataTable.of(
                "Beliefs in the hidden variable",
                "data",
                "value",
                "of the population, exact",
                "read off the texts, exact");
        for (Outcome outcome : outcomes) {
            String name = outcome.data.name();
            Sampled sampled = outcome.sampled;
            if (sampled == null) {
                data.row(name, outcome.data.kl(), outcome.data.surprise(), null, null, null, null, null, null, null);
            } else {
                double[] own = sampled.power[at(sizes, settings)];
                double z = sampled.z[1];
                data.row(
                        name,
                        outcome.data.kl(),
                        outcome.data.surprise(),
                        outcome.expected,
                        z,
                        Typicality.pValue(z),
                        own[1],
                        own[0],
                        own[2],
                        outcome.needed);
                for (int k = 0; k < sizes.length; k++) {
                    double[] at = sampled.power[k];
                    power.row(sizes[k], name, at[1], at[0], at[2]);
                }
            }
            List<Optional<Map<String, Double>>> both = camera.beliefs(outcome.data);
            both.get(0)
                    .ifPresent(belief -> belief.forEach((value, p) -> beliefs.row(
                            name,
                            value,
                            p,
                            both.get(1)
                                    .map(read -> read.getOrDefault(value, 0.0))
                                    .orElse(null))));
        }
        result.table("data", data.build());
        result.table("power", power.build());
        result.table("camera", beliefs.build());
    }

    private static void pictures(
            List<Outcome> outcomes, ExperimentSettings settings, Camera camera, ExperimentResult.Builder result) {
        int[] sizes = sizes(settings);
        double[] x = Arrays.stream(sizes).asDoubleStream().toArray();
        List<Picture.Series> curves = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            Sampled sampled = outcome.sampled;
            if (sampled != null) {
                curves.add(Picture.Series.line(outcome.data.name(), x, column(sampled.power, 1))
                        .within(column(sampled.power, 0), column(sampled.power, 2)));
            }
        }
        if (!curves.isEmpty()) {
            result.picture(Picture.of(
                    "power",
                    "What the statistic sees",
                    "Share of data sets that are told from the prior's texts. The prior's own stay at the level; so does what"
                            + " changes no text's probability on average, however far it is from the prior.",
                    Picture.Axis.logarithmic("records (logarithmic)"),
                    Picture.Axis.linear("power"),
                    curves));
        }
        List<String> names = outcomes.stream().map(o -> o.data.name()).toList();
        if (outcomes.stream().allMatch(o -> o.data.kl() < Double.POSITIVE_INFINITY)) {
            result.picture(Picture.bars(
                    "kl",
                    "What there is to see",
                    "KL of the data's distribution from the prior, beside what the mean surprise differs from the entropy by.",
                    Picture.Axis.linear("nats a record"),
                    names,
                    List.of(
                            Picture.Series.bars(
                                    "KL(data‖prior)",
                                    outcomes.stream()
                                            .mapToDouble(o -> o.data.kl())
                                            .toArray()),
                            Picture.Series.bars(
                                    "mean surprise − entropy",
                                    outcomes.stream()
                                            .mapToDouble(o -> o.data.excess())
                                            .toArray()))));
        }
        List<String> told = new ArrayList<>();
        List<double[]> bars = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            List<Optional<Map<String, Double>>> both = camera.beliefs(outcome.data);
            if (both.get(0).isPresent() && both.get(1).isPresent()) {
                told.add(outcome.data.name());
                bars.add(new double[] {
                    Camera.distance(camera.prior, both.get(0).get()),
                    Camera.distance(camera.prior, both.get(1).get())
                });
            }
        }
        if (!told.isEmpty()) {
            double[][] columns = bars.toArray(double[][]::new);
            result.picture(Picture.bars(
                    "camera",
                    "How far the belief in the hidden variable moves",
                    "Total variation of the belief in " + camera.variable
                            + " from the prior's: given the population that the"
                            + " data is of, and as the prior reads it off the texts when nobody says where they come from."
                            + " Where the two differ, the texts are taken for another " + camera.variable + "'s.",
                    Picture.Axis.linear("total variation"),
                    told,
                    List.of(
                            Picture.Series.bars("population known", column(columns, 0)),
                            Picture.Series.bars("texts alone", column(columns, 1)))));
        }
    }

    private static double[] column(double[][] rows, int column) {
        return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
    }

    /** What follows from the figures. */
    private record Conclusion(
            List<Outcome> outcomes, ExperimentSettings settings, Camera camera, ExperimentResult.Builder result) {
        String text() {
            if (outcomes.get(0).sampled == null) {
                return "Every text of this prior is equally likely, so that any data is as typical as any other: the statistic"
                        + " can tell nothing here. " + furthest();
            }
            return (strongest() + " " + control() + " " + blind() + " " + beliefs())
                    .replaceAll(" +", " ")
                    .trim();
        }

        private double[] power(Outcome outcome) {
            Sampled sampled = outcome.sampled;
            return sampled == null ? new double[] {0, 0, 1} : sampled.power[at(sizes(settings), settings)];
        }

        private static String percent(double share) {
            return FigureFormat.of(100 * share) + " %";
        }

        private String interval(double[] power) {
            return percent(power[1]) + " (" + percent(power[0]) + " to " + percent(power[2]) + ")";
        }

        private boolean atLevel(Outcome outcome) {
            double[] power = power(outcome);
            return power[0] <= settings.number("level") && settings.number("level") <= power[2];
        }

        private String strongest() {
            Outcome best = null;
            for (Outcome outcome : outcomes.subList(1, outcomes.size())) {
                if (best == null
                        || power(outcome)[1] > power(best)[1]
                        || (power(outcome)[1] == power(best)[1]
                                && Math.abs(outcome.expected) > Math.abs(best.expected))) {
                    best = outcome;
                }
            }
            String records = FigureFormat.counted(settings.count("records"), "record");
            if (best == null) {
                return world() + "No data but the prior's own was looked at.";
            }
            if (power(best)[0] <= settings.number("level")) {
                return world() + "At " + records + " no data set is told from the prior's own texts: the most, "
                        + best.data.name()
                        + ", is rejected " + interval(power(best)) + " of the time at level "
                        + settings.text("level") + ".";
            }
            return world() + "At " + records + " and level " + settings.text("level") + " the statistic rejects "
                    + best.data.name() + " " + interval(power(best)) + " of the time, z = "
                    + FigureFormat.of(result.estimate("typicality." + best.data.name() + ".z"))
                    + (Double.isFinite(best.expected)
                            ? " where " + FigureFormat.of(best.expected) + " is expected"
                            : "")
                    + ". Rejected no more often than the prior's own texts, it would not have been seen to differ.";
        }

        private String world() {
            return "The prior is the world " + settings.text("world") + ", and no reward is given. ";
        }

        private String control() {
            Outcome same = outcomes.get(0);
            return "The prior's own texts are rejected " + interval(power(same)) + " of the time: "
                    + (atLevel(same)
                            ? "the level, as it must be."
                            : "the interval misses the level. So few records are too far from normal for these p-values, or the"
                                    + " draws were unlucky: the powers here may be those of a test of another level.");
        }

        private String blind() {
            List<String> unseen = new ArrayList<>();
            for (Outcome outcome : outcomes.subList(1, outcomes.size())) {
                if (outcome.data.kl() > SEEN && atLevel(outcome)) {
                    unseen.add(outcome.data.name() + " (" + FigureFormat.of(outcome.data.kl())
                            + " nats from the prior, rejected " + percent(power(outcome)[1]) + ")");
                }
            }
            return unseen.isEmpty()
                    ? ""
                    : "It does not see " + String.join(", ", unseen)
                            + ": there the mean probability of the texts is the prior's, or too near it for so many records.";
        }

        private String furthest() {
            Outcome far = outcomes.get(0);
            for (Outcome outcome : outcomes) {
                far = outcome.data.kl() > far.data.kl() ? outcome : far;
            }
            return far.data.kl() > SEEN
                    ? "The furthest from the prior is " + far.data.name() + ", by " + FigureFormat.of(far.data.kl())
                            + " nats (exact)."
                    : "All data here is the prior's.";
        }

        private String beliefs() {
            String variable = camera.variable;
            if (variable == null) {
                return "";
            }
            Outcome most = null;
            double size = MOVED;
            List<String> misread = new ArrayList<>();
            for (Outcome outcome : outcomes) {
                List<Optional<Map<String, Double>>> both = camera.beliefs(outcome.data);
                double moved = both.get(0)
                        .map(belief -> Camera.distance(camera.prior, belief))
                        .orElse(0.0);
                if (moved > size) {
                    size = moved;
                    most = outcome;
                }
                if (both.get(0).isPresent() && both.get(1).isPresent()) {
                    misread(outcome.data.name(), both.get(0).get(), both.get(1).get())
                            .ifPresent(misread::add);
                }
            }
            double prior = camera.prior.getOrDefault(camera.foreign, 0.0);
            String moved = most == null
                    ? "The belief in " + variable + " moves under none of the data."
                    : "The belief that " + variable + " is " + camera.foreign + ", " + FigureFormat.of(prior)
                            + " under the prior, becomes "
                            + FigureFormat.of(result.estimate("camera." + most.data.name())) + " under "
                            + most.data.name()
                            + " (exact).";
            return misread.isEmpty()
                    ? moved
                    : moved + " Read off the texts alone, without their provenance: " + String.join("; ", misread)
                            + ".";
        }

        /** The value that is read off the texts most wrongly, where any is. */
        private static Optional<String> misread(String name, Map<String, Double> right, Map<String, Double> read) {
            if (Camera.distance(right, read) <= MOVED) {
                return Optional.empty();
            }
            String value = right.keySet().stream()
                    .max(Comparator.comparingDouble(
                            (String v) -> Math.abs(right.getOrDefault(v, 0.0) - read.getOrDefault(v, 0.0))))
                    .orElseThrow();
            return Optional.of("under " + name + " it is " + value + " with probability "
                    + FigureFormat.of(read.getOrDefault(value, 0.0)) + " where "
                    + FigureFormat.of(right.getOrDefault(value, 0.0)) + " is right");
        }
    }
}

package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The transformer's part of {@link DecisionTransformerExperiment}: asked for returns that it has seen and that it has not.
 * Intervals are over seeds of weights and draws.
 */
final class ReturnTransformer {
    private static final int MOST_SCORED = 60_000; // texts times returns, of a seed
    private static final int MOST_TOKENS = 256; // of a text with its return and prompt

    private final ExperimentSettings settings;
    private final double[] asked; // returns, ascending: those of the world, then those beyond
    private final int seen; // how many of them the world has
    private final AskedTransformer transformer;

    private ReturnTransformer(ExperimentSettings settings, Returns returns) {
        this.settings = settings;
        double[] levels = returns.levels();
        this.seen = levels.length;
        this.asked = DoubleStream.concat(
                        Arrays.stream(levels),
                        IntStream.rangeClosed(1, settings.count("beyond")).mapToDouble(returns::beyond))
                .toArray();
        TableModel prior = returns.prior();
        long texts = prior.prompts().stream()
                .mapToLong(prompt -> prior.given(prompt).size())
                .sum();
        if (!(texts * asked.length <= MOST_SCORED)) {
            throw InputException.ofSetting(
                    "world",
                    settings.text("world"),
                    "the transformer's texts are all scored behind each return, at most " + MOST_SCORED
                            + " in all; the world has " + texts + " texts, and " + asked.length
                            + " returns are asked for");
        }
        this.transformer = new AskedTransformer(returns, asked, seen);
        if (!(transformer.context() <= MOST_TOKENS)) {
            throw InputException.ofSetting(
                    "world",
                    settings.text("world"),
                    "the transformer reads at most " + MOST_TOKENS + " characters of a text, its prompt and return; the"
                            + " world has one of " + transformer.context());
        }
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer", List.of("no", "yes"), "whether a transformer is trained and asked besides"),
                ExperimentKey.whole(
                        "beyond",
                        2,
                        0,
                        100,
                        "returns past the largest one that the trained transformer is asked for by force, as far from each"
                                + " other as the world's are at most; what comes of it is extrapolation"),
                ExperimentKey.whole("transformer.seeds", 5, 2, 1000, "trainings, of which the intervals are"),
                ExperimentKey.whole("transformer.steps", 600, 1, 1_000_000, "steps of each training"),
                ExperimentKey.whole("transformer.batch", 64, 1, 10_000, "texts a step, drawn from the prior"),
                ExperimentKey.number("transformer.lr", "0.003", 1e-9, 1, "the highest learning rate"));
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new TreeMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        if (effort.size() == Effort.Size.QUICK) {
            standards.put("transformer.seeds", "3");
            standards.put("transformer.steps", "300");
        } else if (effort.size() == Effort.Size.FULL) {
            standards.put("transformer.seeds", "10");
            standards.put("transformer.steps", "2000");
        }
        return standards;
    }

    /** The part that is asked for; none without a transformer. */
    static @Nullable ReturnTransformer of(ExperimentSettings settings, Returns returns) {
        return settings.text("transformer").equals("no") ? null : new ReturnTransformer(settings, returns);
    }

    /**
     * Trains, asks and reports.
     *
     * @return a sentence for the conclusion
     */
    String run(AskedTransformer.Wanted wanted, ExperimentResult.Builder result, Listener listener) {
        int count = settings.count("transformer.seeds");
        SmallTransformer.Training training = new SmallTransformer.Training(
                settings.count("transformer.steps"),
                settings.count("transformer.batch"),
                settings.number("transformer.lr"));
        List<AskedTransformer.Answers> seeds = new ArrayList<>();
        Remaining remaining = new Remaining(count, listener, System::nanoTime);
        for (int seed = 0; seed < count; seed++) {
            long own = settings.whole("seed") * 7919 + seed;
            seeds.add(AskedTransformer.Answers.of(listener.part(
                    "asked-" + seed,
                    () -> transformer.trained(training, wanted, own, listener).numbers())));
            remaining.did(1, "training " + (seed + 1) + " of " + count);
        }
        return report(wanted, seeds, result);
    }

    private String report(
            AskedTransformer.Wanted wanted, List<AskedTransformer.Answers> seeds, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "The transformer, asked for returns",
                "asked",
                "",
                "got",
                "lower",
                "upper",
                "with that very return",
                "on no text of the world",
                "KL(exact‖got), nats",
                "draws of it in training, the fewest");
        List<SeedInterval> got = new ArrayList<>();
        for (int a = 0; a < asked.length; a++) {
            got.add(answered(a, seeds, result, table));
        }
        result.table("asked", table.build());
        result.picture(picture(got));
        SeedInterval tilted = within(seeds, seed -> seed.distances()[0], 0, 1);
        result.finding(estimate(
                "trained.tilted.distance",
                "Total variation between the transformer's texts of returns drawn ∝ P0(v) e^λv and RL's posterior?",
                tilted,
                "",
                null));
        result.finding(estimate(
                "trained.fraction.distance",
                "Total variation between its texts of returns drawn among the best share and the quantilizer?",
                within(seeds, seed -> seed.distances()[1], 0, 1),
                "",
                null));
        return sentence(wanted, seeds, got, tilted);
    }

    /** Findings and row of one return; what it got. */
    private SeedInterval answered(
            int a, List<AskedTransformer.Answers> seeds, ExperimentResult.Builder result, DataTable.Builder table) {
        String id = "asked." + Returns.written(asked[a]);
        long fewest = fewest(a, seeds);
        boolean beyond = a >= seen;
        SeedInterval got = within(
                seeds,
                seed -> seed.got()[a],
                asked[0],
                asked[seen - 1]); // a mean over texts, whose returns lie between
        SeedInterval outside = within(seeds, seed -> seed.outside()[a], 0, 1);
        SeedInterval exactly = within(seeds, seed -> seed.exactly()[a], 0, 1);
        SeedInterval kl = within(seeds, seed -> seed.kl()[a], 0, Double.POSITIVE_INFINITY);
        if (beyond) {
            result.finding(estimate(
                    id + ".extrapolated",
                    "Mean return of the trained transformer, forced to answer for one that no text has (extrapolation)?",
                    got,
                    "reward",
                    "extrapolation: no text has this return, and no data says what it should be"));
            result.finding(estimate(
                    id + ".outside",
                    "Probability of what is no text of the world, forced so?",
                    outside,
                    "share",
                    null));
        } else {
            for (Finding each : List.of(
                    estimate(
                            id + ".got",
                            "Mean return of the trained transformer, asked for this one?",
                            got,
                            "reward",
                            null),
                    estimate(id + ".exactly", "Share of its texts with that very return?", exactly, "share", null),
                    estimate(id + ".kl", "How far from it is the exact level, KL(exact‖got)?", kl, "nats", null))) {
                result.finding(
                        fewest > 0
                                ? each
                                : each.withdrawn(
                                        "a training drew no text of this return: its answer is extrapolation"));
            }
        }
        table.row(
                asked[a],
                beyond ? "extrapolated" : fewest > 0 ? "seen" : "not drawn",
                got.mean(),
                got.lower(),
                got.upper(),
                exactly.mean(),
                outside.mean(),
                beyond ? null : kl.mean(),
                fewest);
        return got;
    }

    /** Texts of a return in the training that drew the fewest. */
    private static long fewest(int a, List<AskedTransformer.Answers> seeds) {
        return seeds.stream().mapToLong(seed -> seed.drawn()[a]).min().orElse(0);
    }

    private static Finding estimate(
            String id, String question, SeedInterval ends, String unit, @Nullable String reason) {
        return ends.finding(id, question, unit, "95 % over seeds", reason);
    }

    private static SeedInterval within(
            List<AskedTransformer.Answers> seeds,
            ToDoubleFunction<AskedTransformer.Answers> figure,
            double least,
            double most) {
        return SeedInterval.within(seeds.stream().mapToDouble(figure).toArray(), least, most);
    }

    private Picture picture(List<SeedInterval> got) {
        List<Picture.Series> series = new ArrayList<>();
        double[] whole = {asked[0], asked[asked.length - 1]};
        series.add(Picture.Series.line("asked = got", whole, whole));
        series.add(part("got, returns that texts have", got, 0, seen));
        if (asked.length > seen) {
            series.add(part("got, extrapolated", got, seen, asked.length));
        }
        return Picture.of(
                "asked",
                "Asked and got",
                "Mean return of a transformer that was trained on texts behind their returns, with 95 % intervals over seeds."
                        + " Past the largest return any text has, no data says what it should be: the answer is the network's.",
                Picture.Axis.linear("return asked for"),
                Picture.Axis.linear("mean return got"),
                series);
    }

    private Picture.Series part(String name, List<SeedInterval> got, int from, int to) {
        return SeedInterval.points(name, Arrays.copyOfRange(asked, from, to), got.subList(from, to));
    }

    private String sentence(
            AskedTransformer.Wanted wanted,
            List<AskedTransformer.Answers> seeds,
            List<SeedInterval> got,
            SeedInterval tilted) {
        double worst = 0;
        int at = 0;
        for (int a = 0; a < seen; a++) {
            double miss = Math.abs(got.get(a).mean() - asked[a]);
            if (miss >= worst && fewest(a, seeds) > 0) {
                worst = miss;
                at = a;
            }
        }
        String beyond = "";
        if (asked.length > seen) {
            double far = asked[seen];
            beyond = String.format(
                    Locale.ROOT,
                    " Forced to answer for %s, which no text has, it gives %s (%s to %s): extrapolation%s.",
                    Returns.written(far),
                    FigureFormat.of(got.get(seen).mean()),
                    FigureFormat.of(got.get(seen).lower()),
                    FigureFormat.of(got.get(seen).upper()),
                    got.get(seen).upper() < got.get(seen - 1).lower()
                            ? ", and less than it gives where " + Returns.written(asked[seen - 1]) + " is asked for"
                            : ", for which nothing in the data speaks");
        }
        return String.format(
                Locale.ROOT,
                " The transformer that was trained on texts behind their returns misses what it is asked for by %s at most:"
                        + " %s (%s to %s) where %s was asked; its texts of returns drawn at λ = %s are %s (%s to %s) in total"
                        + " variation from RL's posterior.%s",
                FigureFormat.of(worst),
                FigureFormat.of(got.get(at).mean()),
                FigureFormat.of(got.get(at).lower()),
                FigureFormat.of(got.get(at).upper()),
                Returns.written(asked[at]),
                FigureFormat.of(wanted.lambda()),
                FigureFormat.of(tilted.mean()),
                FigureFormat.of(tilted.lower()),
                FigureFormat.of(tilted.upper()),
                beyond);
    }
}

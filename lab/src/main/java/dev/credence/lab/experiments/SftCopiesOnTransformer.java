package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The transformer's part of {@link SftCopies}: one that has read the same authors is fine-tuned on the observation, or has copies
 * of it in its context; another meets observations that are longer than its window. Intervals are over trainings from scratch.
 */
final class SftCopiesOnTransformer {
    private static final int MOST_STEPS = 200; // of fine-tuning
    private static final double TELLS = 1e-3; // nats between readers, below which a probe tells nothing
    private static final double RECOVERABLE = 1e-3; // nats a letter
    private static final double POOR = 0.01; // nats of residual that no number of copies describes

    private final ExperimentSettings settings;
    private final SftTransformer.Authors authors;
    private final int[] copies; // ascending
    private final List<String> optimisers;
    private final double[] rates;
    private final Map<String, Finding> read = new TreeMap<>(); // for the conclusion

    /** One training's readings. */
    private record Reading(double copies, double residual, double unread, double observed) {}

    private static final String OVER = "95 % over trainings";

    /**
     * One seed.
     *
     * @param tuned (optimisers) (copies)
     * @param prompted (copies)
     * @param tells whether its own readers differ
     * @param losses past the window
     */
    private record Seed(
            List<List<Reading>> tuned, List<Reading> prompted, boolean tells, WindowTransformer.Losses losses) {}

    /** The part of a seed that fits the window. */
    private record Copied(List<List<Reading>> tuned, List<Reading> prompted, boolean tells) {}

    private SftCopiesOnTransformer(ExperimentSettings settings) {
        this.settings = settings;
        this.authors = new SftTransformer.Authors(
                settings.numbers("weights"), settings.numbers("likelihood"), settings.numbers("probe"));
        this.copies =
                Arrays.stream(settings.counts("copies")).sorted().distinct().toArray();
        this.optimisers =
                settings.texts("transformer.optimisers").stream().distinct().toList();
        this.rates = settings.numbers("transformer.tune.lr");
        if (rates.length != optimisers.size()) {
            throw InputException.ofSetting(
                    "transformer.tune.lr",
                    settings.text("transformer.tune.lr"),
                    "it has a rate for each of the optimisers, " + String.join(", ", optimisers));
        }
        if (copies[copies.length - 1] > MOST_STEPS) {
            throw InputException.ofSetting(
                    "copies",
                    settings.text("copies"),
                    "a transformer is fine-tuned for at most " + MOST_STEPS + " steps on the observation");
        }
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether a transformer is fine-tuned and prompted besides"),
                ExperimentKey.whole(
                        "transformer.seeds", 5, 2, 1000, "trainings from scratch, of which the intervals are"),
                ExperimentKey.whole("transformer.steps", 800, 1, 1_000_000, "steps of learning what the authors write"),
                ExperimentKey.number("transformer.lr", "0.003", 1e-9, 1, "the highest learning rate of those steps"),
                ExperimentKey.texts(
                        "transformer.optimisers",
                        "sgd,adamw",
                        List.of("sgd", "adamw"),
                        "how it is fine-tuned on the observation; the first is called sft, the others by their names"),
                ExperimentKey.numbers(
                        "transformer.tune.lr", "0.01,0.001", 1e-9, 10, "learning rates of those optimisers"),
                ExperimentKey.whole(
                        "transformer.window", 16, 2, 512, "positions of the model that cannot hold a long observation"),
                ExperimentKey.whole("transformer.observation", 64, 1, 1000, "letters of the long observation"),
                ExperimentKey.whole("transformer.continuation", 16, 1, 1000, "letters that are predicted behind it"),
                ExperimentKey.whole("transformer.letters", 6, 2, 64, "letters of its alphabet"),
                ExperimentKey.number(
                        "transformer.alpha",
                        "0.3",
                        1e-3,
                        1e9,
                        "Dirichlet parameter of its writers' habits: the larger, the more alike they are"),
                ExperimentKey.whole("transformer.documents", 16, 1, 10_000, "long observations of each training"),
                ExperimentKey.whole(
                        "transformer.window.steps", 400, 1, 1_000_000, "steps of learning what those writers write"),
                ExperimentKey.whole(
                        "transformer.window.epochs", 16, 1, 10_000, "steps of fine-tuning on a long observation"),
                ExperimentKey.number("transformer.window.lr", "0.001", 1e-9, 1, "learning rate of that, by AdamW"),
                ExperimentKey.seed());
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new TreeMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        if (effort.size() == Effort.Size.QUICK) {
            standards.putAll(Map.of(
                    "transformer.seeds", "3",
                    "transformer.steps", "250",
                    "transformer.lr", "0.006",
                    "transformer.documents", "10",
                    "transformer.window.steps", "120"));
        } else if (effort.size() == Effort.Size.FULL) {
            standards.putAll(Map.of(
                    "transformer.seeds", "10",
                    "transformer.steps", "3000",
                    "transformer.documents", "32",
                    "transformer.window.steps", "1500"));
        }
        return standards;
    }

    /** The part that is asked for; none without a transformer. */
    static @Nullable SftCopiesOnTransformer of(ExperimentSettings settings) {
        return settings.text("transformer").equals("no") ? null : new SftCopiesOnTransformer(settings);
    }

    /**
     * Trains, reads and reports.
     *
     * @return sentences for the conclusion
     */
    String run(ExperimentResult.Builder result, Listener listener) {
        int count = settings.count("transformer.seeds");
        List<Seed> seeds = new ArrayList<>();
        Remaining remaining = new Remaining(2.0 * count, listener, System::nanoTime);
        for (int i = 0; i < count; i++) {
            long seed = settings.whole("seed") * 7919 + i;
            Copied copied = KeptRecord.part(listener, "copies-" + i, Copied.class, () -> copied(seed, listener));
            remaining.did(1, "fine-tuned and prompted");
            WindowTransformer.Losses losses = KeptRecord.part(
                    listener, "window-" + i, WindowTransformer.Losses.class, () -> losses(seed, listener));
            remaining.did(1, "past the window");
            seeds.add(new Seed(copied.tuned, copied.prompted, copied.tells, losses));
        }
        return copies(seeds, result) + window(seeds, result);
    }

    private Copied copied(long seed, Listener listener) {
        SmallTransformer.Training training = new SmallTransformer.Training(
                settings.count("transformer.steps"), 32, settings.number("transformer.lr"));
        List<List<Reading>> tuned = new ArrayList<>();
        List<Reading> prompted = new ArrayList<>();
        boolean tells;
        try (SftTransformer model = SftTransformer.trained(authors, training, seed, listener)) {
            ReadCopies own = model.readers();
            tells = own.tells(TELLS);
            for (int o = 0; o < rates.length; o++) {
                boolean adam = optimisers.get(o).equals("adamw");
                tuned.add(model.tuned(copies, adam, rates[o]).stream()
                        .map(said -> reading(said, own))
                        .toList());
            }
            ReadCopies bayes = authors.readers();
            for (int k : copies) {
                if (k <= SftTransformer.MOST) {
                    prompted.add(reading(model.prompted(k), bayes));
                }
            }
        }
        return new Copied(tuned, prompted, tells);
    }

    private WindowTransformer.Losses losses(long seed, Listener listener) {
        return new WindowTransformer(
                        writers(),
                        new SmallTransformer.Training(
                                settings.count("transformer.window.steps"), 16, settings.number("transformer.lr")),
                        new WindowTransformer.Tuning(
                                settings.count("transformer.window.epochs"), settings.number("transformer.window.lr")),
                        listener)
                .losses(seed);
    }

    private WindowTransformer.Writers writers() {
        return new WindowTransformer.Writers(
                settings.count("transformer.letters"),
                settings.number("transformer.alpha"),
                settings.count("transformer.window"),
                settings.count("transformer.observation"),
                settings.count("transformer.continuation"),
                settings.count("transformer.documents"));
    }

    private static Reading reading(SftTransformer.Said said, ReadCopies readers) {
        double nearest = readers.nearest(said.answers());
        return new Reading(
                nearest, readers.kl(said.answers(), nearest), readers.kl(said.answers(), 0), said.observed());
    }

    private String copies(List<Seed> seeds, ExperimentResult.Builder result) {
        boolean told = seeds.stream().allMatch(Seed::tells) && authors.readers().tells(TELLS);
        DataTable.Builder table = DataTable.of(
                "The transformer: fine-tuned on the observation, or prompted with it",
                "way",
                "steps, or copies in the prompt",
                "copies",
                "lower",
                "upper",
                "residual, nats",
                "to explain, nats",
                "P(observation)",
                "by Bayes' rule");
        List<Picture.Series> series = new ArrayList<>();
        double[] numbers = Arrays.stream(copies).asDoubleStream().toArray();
        series.add(Picture.Series.line("as many copies as steps", numbers, numbers));
        for (int o = 0; o < rates.length; o++) {
            String way = o == 0 ? "sft" : optimisers.get(o);
            int at = o;
            String words = optimisers.get(o) + " at " + FigureFormat.of(rates[o]);
            series.add(way(
                    "transformer." + way,
                    words,
                    told,
                    seeds,
                    (seed, k) -> seed.tuned.get(at).get(k),
                    result,
                    table));
        }
        series.add(way(
                "transformer.prompt", "in the prompt", told, seeds, (seed, k) -> seed.prompted.get(k), result, table));
        result.table("transformer", table.build());
        if (told) {
            result.picture(Picture.of(
                    "transformer",
                    "Copies that fine-tuning a transformer amounts to",
                    "Fine-tuned models are read against the same model with copies in its context, prompted ones against Bayes'"
                            + " rule; 95 % intervals over trainings. On the line a step would be a copy.",
                    Picture.Axis.logarithmic("steps on the observation, or copies in the prompt (logarithmic)"),
                    Picture.Axis.linear("copies"),
                    series));
        }
        return told ? sentence(result) : " The transformer's readers of copies answer alike: there is nothing to read.";
    }

    /** A reading of a seed by the index of its number of copies. */
    private interface Read {
        Reading of(Seed seed, int copies);
    }

    private Picture.Series way(
            String id,
            String words,
            boolean told,
            List<Seed> seeds,
            Read read,
            ExperimentResult.Builder result,
            DataTable.Builder table) {
        int held = id.endsWith(".prompt") ? seeds.get(0).prompted.size() : copies.length;
        List<SeedInterval> numbers = new ArrayList<>();
        for (int i = 0; i < held; i++) {
            int k = i;
            String own = id + "." + copies[i];
            SeedInterval number = within(seeds, seed -> read.of(seed, k).copies, 0, Double.POSITIVE_INFINITY);
            SeedInterval residual = within(seeds, seed -> read.of(seed, k).residual, 0, Double.POSITIVE_INFINITY);
            SeedInterval unread = over(seeds, seed -> read.of(seed, k).unread);
            SeedInterval observed = over(seeds, seed -> read.of(seed, k).observed);
            boolean full = seeds.stream().anyMatch(seed -> read.of(seed, k).copies >= SftTransformer.MOST);
            add(
                    result,
                    told,
                    own + ".copies",
                    "Copies in its context that the transformer is nearest to, " + words + "?",
                    number,
                    "copies",
                    full
                            ? "a training is nearest to as many copies as the context holds, and may be nearer to more"
                            : null);
            add(
                    result,
                    told,
                    own + ".residual",
                    "How far is it from those copies, KL on the probe?",
                    residual,
                    "nats",
                    null);
            result.estimated(
                    own + ".observed",
                    "Probability of the observation itself, " + words + "?",
                    observed,
                    "probability");
            table.row(
                    words,
                    copies[i],
                    told ? number.mean() : null,
                    told ? number.lower() : null,
                    told ? number.upper() : null,
                    residual.mean(),
                    unread.mean(),
                    observed.mean(),
                    authors.observed(copies[i]));
            numbers.add(number);
        }
        double[] x = Arrays.stream(copies).limit(held).asDoubleStream().toArray();
        return SeedInterval.points(words, x, numbers);
    }

    private void add(
            ExperimentResult.Builder result,
            boolean told,
            String id,
            String question,
            SeedInterval ends,
            String unit,
            @Nullable String reason) {
        Finding finding = ends.finding(id, question, unit, OVER, reason);
        read.put(id, finding);
        result.finding(
                told
                        ? finding
                        : finding.withdrawn(
                                "readers of any number of copies answer the probe alike: it tells none apart"));
    }

    private String sentence(ExperimentResult.Builder result) {
        int first = copies[0];
        int last = copies[copies.length - 1];
        Finding one = Objects.requireNonNull(read.get("transformer.sft." + first + ".copies"));
        Finding many = Objects.requireNonNull(read.get("transformer.sft." + last + ".copies"));
        Finding residual = Objects.requireNonNull(read.get("transformer.sft." + last + ".residual"));
        double observed = result.estimate("transformer.sft." + last + ".observed");
        return String.format(
                Locale.ROOT,
                " A transformer that has read such authors, fine-tuned by %s at %s, answers as with %s in its context after %s,"
                        + " and as with %s after %s, with a residual of %s nats: %s. It then gives the observation itself a"
                        + " probability of %s, where Bayes' rule has %s.",
                optimisers.get(0),
                FigureFormat.of(rates[0]),
                words(one, "copies"),
                FigureFormat.counted(first, "step"),
                words(many, "copies"),
                FigureFormat.counted(last, "step"),
                words(residual, ""),
                residual.lower() > POOR
                        ? "no number of copies describes it"
                        : residual.upper() < POOR
                                ? "copies describe it"
                                : "whether copies describe it, these trainings do not tell",
                FigureFormat.of(observed),
                FigureFormat.of(authors.observed(last)));
    }

    private static String words(Finding finding, String unit) {
        return FigureFormat.of(finding.estimate()) + " (" + FigureFormat.of(finding.lower()) + " to "
                + FigureFormat.of(finding.upper()) + ")" + (unit.isEmpty() ? "" : " " + unit);
    }

    private String window(List<Seed> seeds, ExperimentResult.Builder result) {
        List<String> ids = List.of("full", "sliding", "chunked", "tuned", "tuned.sliding");
        List<String> words = List.of(
                "window holds everything",
                "sliding window",
                "chunks",
                "fine-tuned, chunks",
                "fine-tuned, sliding window");
        DataTable.Builder table = DataTable.of(
                "Past the window: nats a letter of the continuation",
                "way",
                "transformer",
                "lower",
                "upper",
                "Bayes' rule on the letters it reads");
        SeedInterval least = over(seeds, seed -> seed.losses.full().bayes());
        double[][] above = new double[2][ids.size()];
        for (int w = 0; w < ids.size(); w++) {
            int way = w;
            SeedInterval loss = over(seeds, seed -> seed.losses.all().get(way).model());
            SeedInterval bayes = over(seeds, seed -> seed.losses.all().get(way).bayes());
            result.estimated(
                    "window." + ids.get(w),
                    "Nats a letter of the continuation: " + words.get(w) + "?",
                    loss,
                    "nats/token");
            if (w < 3) {
                result.estimated(
                        "window." + ids.get(w) + ".bayes",
                        "The same of Bayes' rule on the letters that it reads?",
                        bayes,
                        "nats/token");
            }
            table.row(words.get(w), loss.mean(), loss.lower(), loss.upper(), bayes.mean());
            above[0][w] = loss.mean() - least.mean();
            above[1][w] = bayes.mean() - least.mean();
        }
        result.table("window", table.build());
        result.picture(Picture.bars(
                "window",
                "An observation longer than the window",
                "Nats a letter of its continuation above the least possible, what Bayes' rule has on all letters before. Fine-tuned"
                        + " models read no more letters than the others: the rest is in their weights.",
                Picture.Axis.linear("nats a letter above the least"),
                words,
                List.of(
                        Picture.Series.bars("transformer", above[0]),
                        Picture.Series.bars("Bayes' rule on the same letters", above[1]))));
        return recovered(seeds, result);
    }

    private String recovered(List<Seed> seeds, ExperimentResult.Builder result) {
        SeedInterval gap = over(
                seeds,
                seed -> seed.losses.chunked().model() - seed.losses.full().model());
        boolean there = gap.lower() > RECOVERABLE;
        SeedInterval share = over(
                seeds,
                seed -> (seed.losses.chunked().model() - seed.losses.tuned().model())
                        / (seed.losses.chunked().model() - seed.losses.full().model()));
        Finding finding = share.finding(
                "window.tuned.recovered",
                "Share of what chunks lose against a window that holds everything, won back by fine-tuning?",
                "share",
                OVER,
                null);
        result.finding(
                there
                        ? finding
                        : finding.withdrawn("chunks lose nothing that is told from 0: there is nothing to win back"));
        if (!there) {
            return " Past the window nothing is lost that these trainings tell from 0.";
        }
        return String.format(
                Locale.ROOT,
                " Past the window, %d positions for an observation of %d letters, reading in chunks loses %s (%s to %s) nats a"
                        + " letter of the continuation; fine-tuning on the observation wins back %s of it.",
                settings.count("transformer.window"),
                settings.count("transformer.observation"),
                FigureFormat.of(gap.mean()),
                FigureFormat.of(gap.lower()),
                FigureFormat.of(gap.upper()),
                words(finding, ""));
    }

    private static SeedInterval over(List<Seed> seeds, ToDoubleFunction<Seed> figure) {
        return SeedInterval.of(seeds.stream().mapToDouble(figure).toArray());
    }

    private static SeedInterval within(List<Seed> seeds, ToDoubleFunction<Seed> figure, double least, double most) {
        return SeedInterval.within(seeds.stream().mapToDouble(figure).toArray(), least, most);
    }
}

package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.training.PolicyGradient;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Transformers that read what authors write, texts and judgements of texts that are not shown, each on its own given the author.
 * With n acceptances in its context such a one is asked for the author's next text; tuned by RL so that its first text would be
 * accepted n times, it is asked the same: the one should come to the author conditioned, and which of the two the other comes to
 * is its architecture's and its training's.
 */
final class PersonaTransformer {
    private static final int GOOD = 1; // tokens
    private static final int BAD = 2;
    private static final int ACCEPTED = 3;
    private static final int REJECTED = 4;
    private static final int TEXT = 5; // a text follows
    private static final int JUDGED = 6; // a judgement follows, of a text that is not shown
    private static final int LAYERS = 2;
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final double TOLD = 0.02; // between the probes of the two, so that a third can be placed

    private final WhichConditional.Authors authors;
    private final ExperimentSettings settings;
    private final int items;

    /**
     * What one seed came to, at every n.
     *
     * @param read probe with n acceptances in the context; not a number where the context is too short
     * @param weighed probe of its own first texts, weighed by the judge
     * @param tuned probe of what RL made
     * @param first good first texts that RL made
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Seen(double[] read, double[] weighed, double[] tuned, double[] first) {}

    PersonaTransformer(WhichConditional.Authors authors, ExperimentSettings settings) {
        this.authors = authors;
        this.settings = settings;
        this.items = settings.count("transformer.items");
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether transformers read the authors and learn the personas besides"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 100, "how many of each, for the intervals"),
                ExperimentKey.whole("transformer.steps", 1000, 1, 1_000_000, "steps of training to read the authors"),
                ExperimentKey.whole("transformer.batch", 32, 1, 10_000, "documents a step"),
                ExperimentKey.whole(
                        "transformer.items",
                        9,
                        2,
                        200,
                        "texts and judgements of a document: one more than the acceptances that fit into the context"),
                ExperimentKey.whole("transformer.tuning", 60, 1, 100_000, "steps of RL on the first text"),
                ExperimentKey.number(
                        "transformer.lr", "0.001", 1e-9, 1, "learning rate of RL; it falls along a cosine"),
                ExperimentKey.seed());
    }

    private int context() {
        return 1 + 2 * items;
    }

    private Continuation draw(SplittableRandom random) {
        int author = 0;
        double left = random.nextDouble();
        while (author < authors.weights().length - 1 && left >= authors.weights()[author]) {
            left -= authors.weights()[author++];
        }
        double good = authors.good()[author];
        double accepted = good * authors.acceptGood() + (1 - good) * authors.acceptBad();
        double texts = random.nextDouble();
        int[] tokens = new int[2 * items];
        for (int item = 0; item < items; item++) {
            boolean isText = random.nextDouble() < texts;
            tokens[2 * item] = isText ? TEXT : JUDGED;
            tokens[2 * item + 1] = isText
                    ? random.nextDouble() < good ? GOOD : BAD
                    : random.nextDouble() < accepted ? ACCEPTED : REJECTED;
        }
        return new Continuation(new int[] {SmallTransformer.BEGIN}, tokens);
    }

    /** Probability of a good text at the end of a context. */
    private static double good(Transformer model, int[] context) {
        double[] next = model.nextLogProbs(List.of(context))[0];
        return 1 / (1 + Math.exp(next[BAD] - next[GOOD]));
    }

    private static int[] firstText() {
        return new int[] {SmallTransformer.BEGIN, TEXT};
    }

    /** Of a good and of a bad first text, the probability that the second is good. */
    private static double[] second(Transformer model) {
        return new double[] {
            good(model, new int[] {SmallTransformer.BEGIN, TEXT, GOOD, TEXT}),
            good(model, new int[] {SmallTransformer.BEGIN, TEXT, BAD, TEXT})
        };
    }

    private double read(Transformer model, int n) {
        if (2 * n + 2 > context()) {
            return Double.NaN;
        }
        int[] context = new int[2 * n + 2];
        for (int k = 0; k < n; k++) {
            context[2 * k + 1] = JUDGED;
            context[2 * k + 2] = ACCEPTED;
        }
        context[2 * n + 1] = TEXT;
        return good(model, context);
    }

    private double weighed(Transformer model, int n) {
        double first = good(model, firstText());
        double[] second = second(model);
        double odds = Math.exp(n * (Math.log(authors.acceptBad()) - Math.log(authors.acceptGood())));
        double weight = first / (first + (1 - first) * odds);
        return weight * second[0] + (1 - weight) * second[1];
    }

    /** The four figures of {@link Seen}, one behind the other. */
    private double[] seen(long seed, int[] all, Listener listener) {
        SmallTransformer.Size size = new SmallTransformer.Size(7, context(), LAYERS, WIDTH, HEADS);
        SmallTransformer.Training training = new SmallTransformer.Training(
                settings.count("transformer.steps"), settings.count("transformer.batch"), 0.003);
        double[][] seen = new double[4][all.length];
        try (SmallTransformer trained = SmallTransformer.trained(size, training, this::draw, seed, listener)) {
            for (int i = 0; i < all.length; i++) {
                seen[0][i] = read(trained.model(), all[i]);
                seen[1][i] = weighed(trained.model(), all[i]);
                double[] tuned = tuned(trained, all[i], seed, listener);
                seen[2][i] = tuned[0] * tuned[1] + (1 - tuned[0]) * tuned[2];
                seen[3][i] = tuned[0];
            }
        }
        return Arrays.stream(seen).flatMapToDouble(Arrays::stream).toArray();
    }

    /** (good first text, good second behind a good first, behind a bad first) after RL on the first text alone. */
    private double[] tuned(SmallTransformer trained, int n, long seed, Listener listener) {
        int steps = settings.count("transformer.tuning");
        LearningRate falling = LearningRate.cosine(settings.number("transformer.lr"), 0, steps, 0);
        TrainingSettings how =
                new TrainingSettings(steps, settings.count("transformer.batch"), Optimiser.adamW(falling), false, seed);
        double yes = Math.log(authors.acceptGood());
        double no = Math.log(authors.acceptBad());
        TrainingTask task = new TrainingTask(
                List.of(new TrainingTask.Prompt("first text", firstText(), 1)),
                (prompt, samples) -> samples.stream()
                        .mapToDouble(sample ->
                                sample.tokens()[0] == GOOD ? yes : sample.tokens()[0] == BAD ? no : Math.min(yes, no))
                        .toArray(),
                1,
                null);
        try (TransformerPolicy policy = trained.copy(how.optimiser())) {
            Training training = PolicyGradient.rloo().atKl(1.0 / n).begin(policy, task, how);
            SmallTransformer.tune(training, steps, seed, listener);
            double[] second = second(policy.transformer());
            return new double[] {good(policy.transformer(), firstText()), second[0], second[1]};
        }
    }

    /** Trains, tunes and reports beside the exact figures that the result has; what comes of it in a sentence. */
    String add(ExperimentResult.Builder result, Listener listener) {
        int[] all = settings.counts("n");
        int seeds = settings.count("transformer.seeds");
        List<Seen> seen = new ArrayList<>();
        Remaining remaining = new Remaining(seeds, listener, System::nanoTime);
        for (int s = 0; s < seeds; s++) {
            long seed = settings.whole("seed") * 7919 + s;
            double[] part = listener.part("authors-" + s, () -> seen(seed, all, listener));
            seen.add(new Seen(
                    Arrays.copyOfRange(part, 0, all.length),
                    Arrays.copyOfRange(part, all.length, 2 * all.length),
                    Arrays.copyOfRange(part, 2 * all.length, 3 * all.length),
                    Arrays.copyOfRange(part, 3 * all.length, 4 * all.length)));
            remaining.did(1, "transformers that read the authors");
        }
        DataTable.Builder table = DataTable.of(
                "Good second texts, which nobody judged, on transformers (means over seeds)",
                "acceptances",
                "output tuned, exact",
                "weighed",
                "tuned by RL",
                "author conditioned, exact",
                "acceptances read",
                "good first texts, tuned");
        List<List<SeedInterval>> curves = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        String question = " of a good second text, which nobody judged, on a transformer";
        for (int i = 0; i < all.length; i++) {
            int at = i;
            String id = "transformer." + all[i];
            SeedInterval weighed =
                    over(seen.stream().mapToDouble(each -> each.weighed[at]).toArray());
            SeedInterval tuned =
                    over(seen.stream().mapToDouble(each -> each.tuned[at]).toArray());
            SeedInterval first =
                    over(seen.stream().mapToDouble(each -> each.first[at]).toArray());
            double[] read = seen.stream().mapToDouble(each -> each.read[at]).toArray();
            double filter = result.estimate("filter." + all[i] + ".probe");
            double persona = result.estimate("persona." + all[i] + ".probe");
            result.estimated(
                    id + ".filter.probe",
                    "Probability" + question + ", its own first texts weighed by the judge?",
                    weighed,
                    "probability");
            result.estimated(
                    id + ".tuned.probe",
                    "Probability" + question + ", tuned by RL on the first text?",
                    tuned,
                    "probability");
            result.estimated(
                    id + ".tuned.first", "Good first texts of that one, which RL rewarded?", first, "probability");
            boolean fits = !Double.isNaN(read[0]);
            SeedInterval inContext = fits ? over(read) : SeedInterval.at(Double.NaN);
            String readId = id + ".persona.probe";
            String asked = "Probability" + question + " that reads so many acceptances?";
            if (fits) {
                result.estimated(readId, asked, inContext, "probability");
            } else {
                result.finding(withdrawn(
                        readId, asked, "its context has room for " + (items - 1) + " acceptances (transformer.items)"));
            }
            String placeId = id + ".tuned.place";
            String place = "Where is RL's probe between the output tuned, 0, and the author conditioned, 1?";
            if (Math.abs(persona - filter) < TOLD) {
                result.finding(withdrawn(placeId, place, "the two are closer than " + TOLD + ": nothing lies between"));
            } else {
                result.estimated(
                        placeId,
                        place,
                        SeedInterval.of(seen.stream()
                                .mapToDouble(each -> (each.tuned[at] - filter) / (persona - filter))
                                .toArray()),
                        "");
            }
            table.row(
                    all[i],
                    filter,
                    weighed.mean(),
                    tuned.mean(),
                    persona,
                    fits ? inContext.mean() : null,
                    first.mean());
            curves.get(0).add(weighed);
            curves.get(1).add(tuned);
            curves.get(2).add(inContext);
        }
        result.table("transformer", table.build());
        result.picture(picture(all, curves, result));
        return words(all, result);
    }

    private static SeedInterval over(double[] values) {
        return SeedInterval.within(values, 0, 1);
    }

    private static Finding withdrawn(String id, String question, String why) {
        return new Finding(id, question, Double.NaN, Double.NaN, Double.NaN, Grade.ESTIMATED, "", null, null)
                .withdrawn(why);
    }

    private static Picture picture(int[] all, List<List<SeedInterval>> curves, ExperimentResult.Builder result) {
        double[] n = Arrays.stream(all).asDoubleStream().toArray();
        double[] filter = Arrays.stream(all)
                .mapToDouble(k -> result.estimate("filter." + k + ".probe"))
                .toArray();
        double[] persona = Arrays.stream(all)
                .mapToDouble(k -> result.estimate("persona." + k + ".probe"))
                .toArray();
        List<Picture.Series> series = new ArrayList<>(List.of(
                Picture.Series.line("output tuned, exact", n, filter),
                Picture.Series.line("author conditioned, exact", n, persona)));
        String[] names = {"transformer, weighed", "transformer, tuned by RL", "transformer, reads acceptances"};
        for (int k = 0; k < names.length; k++) {
            List<SeedInterval> of = curves.get(k);
            int[] there = IntStream.range(0, of.size())
                    .filter(i -> !Double.isNaN(of.get(i).mean()))
                    .toArray();
            series.add(SeedInterval.points(
                    names[k],
                    Arrays.stream(there).mapToDouble(i -> n[i]).toArray(),
                    Arrays.stream(there).mapToObj(of::get).toList()));
        }
        return Picture.of(
                "transformer",
                "The probe on a transformer",
                "Read in its context, acceptances condition the author; RL on the first text moves what is rewarded, and the"
                        + " probe shows what else it moved.",
                Picture.Axis.logarithmic("acceptances (logarithmic)"),
                Picture.Axis.linear("P(second text good)"),
                series);
    }

    private static String words(int[] all, ExperimentResult.Builder result) {
        int most = 0;
        for (int n : all) {
            if (result.stands("transformer." + n + ".persona.probe")) {
                most = Math.max(most, n);
            }
        }
        StringBuilder said = new StringBuilder();
        if (most > 0) {
            double exact = result.estimate("persona." + most + ".probe");
            String id = "transformer." + most + ".persona.probe";
            said.append(String.format(
                    Locale.ROOT,
                    " A transformer that reads %d acceptances writes a good second text with %s; the author conditioned has %s"
                            + " (exact), %s.",
                    most,
                    interval(result, id),
                    FigureFormat.of(exact),
                    holds(result, id, exact) ? "within that interval" : "outside that interval"));
        }
        int largest = Arrays.stream(all).max().orElse(1);
        double filter = result.estimate("filter." + largest + ".probe");
        double persona = result.estimate("persona." + largest + ".probe");
        String id = "transformer." + largest + ".tuned.probe";
        boolean asFilter = holds(result, id, filter);
        boolean asPersona = holds(result, id, persona);
        said.append(
                String.format(
                        Locale.ROOT,
                        "\nTuned by RL for %d acceptances of its first text it has %s: %s.",
                        largest,
                        interval(result, id),
                        asFilter && asPersona
                                ? "these seeds do not tell which of the two it is"
                                : asFilter
                                        ? "the output tuned"
                                        : asPersona
                                                ? "the author conditioned"
                                                : "neither conditional, as the weights that write the second text moved with the first's"));
        return said.toString();
    }

    private static boolean holds(ExperimentResult.Builder result, String id, double exact) {
        return result.figure(id).lower() <= exact && exact <= result.figure(id).upper();
    }

    private static String interval(ExperimentResult.Builder result, String id) {
        return FigureFormat.of(result.estimate(id)) + " ["
                + FigureFormat.of(result.figure(id).lower()) + ", "
                + FigureFormat.of(result.figure(id).upper()) + "]";
    }
}

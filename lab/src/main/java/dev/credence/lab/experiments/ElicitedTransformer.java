package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.experiments.AuthoredTexts.Asked;
import dev.credence.lab.experiments.AuthoredTexts.Got;
import dev.credence.lab.experiments.Elicitation.Enough;
import dev.credence.lab.experiments.Elicitation.Row;
import dev.credence.lab.experiments.Elicitation.Setup;
import dev.credence.lab.experiments.Elicitation.Wanted;
import dev.credence.lab.experiments.Elicitation.Way;
import dev.credence.lab.experiments.ExperimentSettings.Amount;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frontier of quality and authors on transformers that read a world's texts: prompts, return levels and quantilizers weigh
 * what such a one writes, RL tunes it at each λ. Who wrote a text is what the exact world believes of each text. Intervals are over
 * seeds of weights and draws.
 */
final class ElicitedTransformer {
    private static final int FIGURES = 3; // of a way and seed: quality, P(AI), P(self)

    private final Wanted wanted;
    private final Training training;
    private final Setup setup;
    private final TableModel texts;
    private final List<double[]> rewards = new ArrayList<>();
    private final Map<String, List<double[]>> seen =
            new LinkedHashMap<>(); // by way: of each seed quality, P(AI), P(self)
    private final List<Enough> enough = new ArrayList<>();

    /**
     * How transformers are trained.
     *
     * @param seeds how many, for the intervals
     * @param steps on the world's texts
     * @param tuning by RL
     * @param seed of weights and draws
     */
    record Training(int seeds, int steps, WorldTransformer.Tuning tuning, long seed) {
        static Training of(ExperimentSettings settings) {
            return new Training(
                    settings.count("transformer.seeds"),
                    settings.count("transformer.steps"),
                    new WorldTransformer.Tuning(
                            settings.count("transformer.tuning"),
                            settings.count("transformer.samples"),
                            settings.number("transformer.lr")),
                    settings.whole("seed"));
        }
    }

    ElicitedTransformer(Wanted wanted, Training training, Setup setup) {
        this.wanted = wanted;
        this.training = training;
        this.setup = setup;
        if (!setup.source().network().isEnumerable()) {
            throw InputException.ofSetting(
                    "world", wanted.world(), "a transformer is scored on every text, and these are too many");
        }
        TableWorld world =
                Projection.ofTexts(setup.source().network(), List.of()).world();
        this.texts = world.prior();
        WorldTransformer.check(texts, wanted.world());
        RewardFunction reward = new WorldInput(world, setup.source().input())
                .reward("reward", setup.reward())
                .function();
        for (String prompt : texts.prompts()) {
            rewards.add(reward.rewards(prompt, texts.given(prompt)));
        }
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether transformers read the world's texts and are asked too"),
                ExperimentKey.whole("transformer.seeds", 3, 2, 100, "how many, for the intervals"),
                ExperimentKey.whole("transformer.steps", 600, 1, 1_000_000, "steps of training, 64 texts each"),
                ExperimentKey.whole("transformer.tuning", 150, 1, 100_000, "steps of RL at each λ"),
                ExperimentKey.whole("transformer.samples", 64, 2, 100_000, "texts a prompt and step of RL"),
                ExperimentKey.number(
                        "transformer.lr", "0.004", 1e-9, 1, "learning rate of RL; it falls along a cosine"),
                ExperimentKey.seed());
    }

    static Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(
                        Map.of("transformer.seeds", "2", "transformer.steps", "200", "transformer.tuning", "60"));
            case FULL -> standards.putAll(Map.of("transformer.seeds", "8", "transformer.steps", "2000"));
            case STANDARD -> {}
        }
        return standards;
    }

    /** Trains, asks and reports beside the exact rows; what comes of it in a sentence. */
    String add(Got prior, List<Row> exact, ExperimentResult.Builder result, Listener listener) {
        int seeds = training.seeds;
        double[] unknown = new double[seeds];
        Remaining remaining = new Remaining(seeds, listener, System::nanoTime);
        List<String> ids = ids(exact);
        for (int s = 0; s < seeds; s++) {
            long seed = training.seed * 7919 + s;
            double[] part = listener.part("asked-" + s, () -> asked(ids, seed, listener));
            for (int i = 0; i < ids.size(); i++) {
                seen.computeIfAbsent(ids.get(i), none -> new ArrayList<>())
                        .add(Arrays.copyOfRange(part, FIGURES * i, FIGURES * (i + 1)));
            }
            int end = FIGURES * ids.size();
            enough.add(new Enough(part[end], part[end + 1], part[end + 2] > 0));
            unknown[s] = part[end + FIGURES];
            remaining.did(1, "transformers that are asked");
        }
        result.estimated(
                "transformer.unknown",
                "Mass that the transformer gives to texts that nobody in the world writes?",
                SeedInterval.within(unknown, 0, 1),
                "probability");
        Map<String, Row> rows = new LinkedHashMap<>();
        exact.forEach(row -> rows.put(row.way().id(), row));
        DataTable.Builder table = DataTable.of(
                "The frontier on transformers",
                "method",
                "asked",
                "quality",
                "quality, exact",
                "p_ai",
                "from",
                "to",
                "p_ai, exact",
                "p_self");
        int within = 0;
        int compared = 0;
        for (String id : seen.keySet()) {
            Row row = rows.get(id.replaceFirst("^conditioned\\.", "rl."));
            Got got = row == null ? id.equals("prior") ? prior : null : row.got();
            SeedInterval ai = figures(id, got, result, table);
            if (got != null) {
                compared++;
                within += ai.lower() <= setup.ai(got) && setup.ai(got) <= ai.upper() ? 1 : 0;
            }
        }
        result.table("transformer", table.build());
        justEnough(result);
        best(result);
        result.picture(picture(exact));
        return words(rows, within, compared, result);
    }

    /** What is asked: nothing, every way that gives something in the world, and RL where λ can be trained for. */
    private List<String> ids(List<Row> exact) {
        List<String> ids = new ArrayList<>(List.of("prior"));
        for (Row row : exact) {
            if (row.got() != null) {
                ids.add(weighed(row.way()));
            }
        }
        wanted.lambdas().stream()
                .filter(lambda -> isTrained(lambda.value()))
                .forEach(lambda -> ids.add("rl." + lambda.text()));
        return ids;
    }

    private static String weighed(Way way) {
        return way.method().equals("rl") ? "conditioned." + way.asked() : way.id();
    }

    private static boolean isTrained(double lambda) {
        return lambda != 0 && Double.isFinite(lambda);
    }

    /** Trains one and asks it in every way: figures of each, then just enough, and the mass on no text of the world. */
    private double[] asked(List<String> ids, long seed, Listener listener) {
        Map<String, double[]> own = new LinkedHashMap<>();
        SmallTransformer.Training reading = new SmallTransformer.Training(training.steps, 64, 0.003);
        Enough just;
        double unknown;
        try (WorldTransformer model = WorldTransformer.trained(texts, reading, seed, listener)) {
            WorldTransformer.Scored scored = model.scored();
            Setup written = setup.writtenBy(writer(scored));
            AuthoredTexts all = written.texts(List.of());
            own.put("prior", figures(all.under(Asked.nothing())));
            for (Way way : Elicitation.ways(wanted, written, all)) {
                Got got = Elicitation.row(written, way).got();
                if (got != null) {
                    own.put(weighed(way), figures(got));
                }
            }
            for (Amount lambda : wanted.lambdas()) {
                if (isTrained(lambda.value())) {
                    WorldTransformer.Scored tuned =
                            model.tuned(rewards, lambda.value(), training.tuning, seed, listener);
                    own.put(
                            "rl." + lambda.text(),
                            figures(setup.writtenBy(writer(tuned))
                                    .texts(List.of())
                                    .under(Asked.nothing())));
                }
            }
            just = Elicitation.enough(written, all, wanted.accepted());
            unknown = scored.unknown(texts);
        }
        double[] part = new double[FIGURES * ids.size() + FIGURES + 1];
        Arrays.fill(part, Double.NaN);
        for (int i = 0; i < ids.size(); i++) {
            double[] of = own.get(ids.get(i));
            if (of != null) {
                System.arraycopy(of, 0, part, FIGURES * i, FIGURES);
            }
        }
        int end = FIGURES * ids.size();
        part[end] = just.lambda();
        part[end + 1] = just.quality();
        part[end + 2] = just.falls() ? 1 : 0;
        part[end + FIGURES] = unknown;
        return part;
    }

    private AuthoredTexts.Writer writer(WorldTransformer.Scored scored) {
        List<double[]> known = scored.known();
        return (prompt, text) ->
                known.get(texts.prompts().indexOf(prompt))[texts.given(prompt).indexOf(text)];
    }

    private double[] figures(Got got) {
        Double self = Elicitation.self(setup, got);
        return new double[] {got.mean(), setup.ai(got), self == null ? Double.NaN : self};
    }

    private double[] column(String id, int column) {
        return seen.getOrDefault(id, List.of()).stream()
                .mapToDouble(each -> each[column])
                .toArray();
    }

    private SeedInterval figures(
            String id, @Nullable Got got, ExperimentResult.Builder result, DataTable.Builder table) {
        SeedInterval quality = SeedInterval.of(column(id, 0));
        SeedInterval ai = SeedInterval.within(column(id, 1), 0, 1);
        String way = words(id);
        result.estimated("transformer." + id + ".quality", "Mean reward got " + way + "?", quality, "reward");
        result.estimated(
                "transformer." + id + ".ai",
                "Probability that an AI wrote what is got " + way + ", to a reader who knows the world?",
                ai,
                "probability");
        @Nullable SeedInterval self = setup.self() == null ? null : SeedInterval.within(column(id, 2), 0, 1);
        if (self != null) {
            result.estimated(
                    "transformer." + id + ".self",
                    "Probability that this very model wrote what is got " + way + "?",
                    self,
                    "probability");
        }
        int dot = id.indexOf('.');
        table.row(
                dot < 0 ? id : id.substring(0, dot),
                dot < 0 ? null : id.substring(dot + 1),
                quality.mean(),
                got == null ? null : got.mean(),
                ai.mean(),
                ai.lower(),
                ai.upper(),
                got == null ? null : setup.ai(got),
                self == null ? null : self.mean());
        return ai;
    }

    private static String words(String id) {
        int dot = id.indexOf('.');
        String asked = id.substring(dot + 1);
        return switch (dot < 0 ? id : id.substring(0, dot)) {
            case "prior" -> "from a transformer of which nothing is asked";
            case "conditioned" -> "from a transformer whose texts are weighed, λ = " + asked;
            case "rl" -> "from a transformer that is tuned by RL, λ = " + asked;
            case "level" -> "from a transformer asked for the return " + asked;
            case "quantilizer" -> "from a transformer's quantilizer of q = " + asked;
            default -> "from a transformer behind the prompt " + asked;
        };
    }

    private void justEnough(ExperimentResult.Builder result) {
        Finding lambda = new Finding(
                "transformer.enough.lambda",
                "Copies at which a transformer's P(AI) meets what is accepted, its texts weighed?",
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Grade.ESTIMATED,
                "copies",
                "95 %",
                null);
        Finding quality = new Finding(
                "transformer.enough.rl",
                "Mean reward with as many copies?",
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Grade.ESTIMATED,
                "reward",
                "95 %",
                null);
        double[] copies = enough.stream().mapToDouble(Enough::lambda).toArray();
        long from = enough.stream().filter(Enough::falls).count();
        String why = Arrays.stream(copies).allMatch(Double::isFinite)
                ? "the transformers' own P(AI) begins above what is accepted with some seeds and below it with others"
                : "not every transformer's P(AI) meets what is accepted at a finite number of copies";
        if (!Arrays.stream(copies).allMatch(Double::isFinite) || (from > 0 && from < enough.size())) {
            result.finding(lambda.withdrawn(why)).finding(quality.withdrawn(why));
            return;
        }
        SeedInterval interval = SeedInterval.within(copies, 0, Double.POSITIVE_INFINITY);
        result.estimated(lambda.id(), lambda.question(), interval, "copies");
        result.estimated(
                quality.id(),
                quality.question(),
                SeedInterval.of(enough.stream().mapToDouble(Enough::quality).toArray()),
                "reward");
    }

    /** The way that gives most among those whose P(AI) is accepted with its whole interval. */
    private void best(ExperimentResult.Builder result) {
        String best = "";
        for (String id : seen.keySet()) {
            boolean isAccepted = result.figure("transformer." + id + ".ai").upper() <= wanted.accepted();
            if (isAccepted
                    && (best.isEmpty()
                            || result.estimate("transformer." + id + ".quality")
                                    > result.estimate("transformer." + best + ".quality"))) {
                best = id;
            }
        }
        String question = "Largest quality on transformers whose P(AI) is accepted with its whole interval?";
        if (best.isEmpty()) {
            result.finding(withdrawn(
                    "transformer.enough",
                    question,
                    "no way of asking has all of its interval of P(AI) at " + FigureFormat.inWords(wanted.accepted())
                            + " or below"));
            return;
        }
        Finding quality = result.figure("transformer." + best + ".quality");
        result.estimated("transformer.enough", question + " (" + words(best) + ")", SeedInterval.of(quality), "reward");
    }

    private static Finding withdrawn(String id, String question, String why) {
        return new Finding(id, question, Double.NaN, Double.NaN, Double.NaN, Grade.ESTIMATED, "reward", "95 %", null)
                .withdrawn(why);
    }

    private Picture picture(List<Row> exact) {
        List<Picture.Series> series = new ArrayList<>();
        List<Got> rl = new ArrayList<>();
        for (Row row : exact) {
            Got got = row.got();
            if (got != null && row.way().method().equals("rl")) {
                rl.add(got);
            }
        }
        series.add(Picture.Series.points(
                "conditioning at λ, exact",
                rl.stream().mapToDouble(Got::mean).toArray(),
                rl.stream().mapToDouble(setup::ai).toArray()));
        Map<String, String> names = new LinkedHashMap<>();
        names.put("rl.", "RL at λ");
        names.put("conditioned.", "weighed at λ");
        names.put("level.", "return levels");
        names.put("quantilizer.", "quantilizers");
        names.put("prompt.", "prompts");
        names.forEach((prefix, name) -> {
            List<String> ids = seen.keySet().stream()
                    .filter(id -> id.startsWith(prefix))
                    .sorted(Comparator.comparingDouble(
                            id -> SeedInterval.of(column(id, 0)).mean()))
                    .toList(); // ranges are drawn along the axis
            if (!ids.isEmpty()) {
                List<SeedInterval> ai = ids.stream()
                        .map(id -> SeedInterval.within(column(id, 1), 0, 1))
                        .toList();
                Picture.Series points = Picture.Series.points(
                        name,
                        ids.stream()
                                .mapToDouble(
                                        id -> SeedInterval.of(column(id, 0)).mean())
                                .toArray(),
                        ai.stream().mapToDouble(SeedInterval::mean).toArray());
                boolean isPath = !prefix.equals("prompt.") && !prefix.equals("level."); // of a strength that grows
                series.add(isPath ? SeedInterval.band(points, ai) : points);
            }
        });
        return Picture.of(
                "transformer",
                "The same on transformers",
                "Quality and P(AI) of what transformers write that read the world's texts; ranges are 95 % over seeds.",
                Picture.Axis.linear("mean reward got"),
                Picture.Axis.linear("P(AI)"),
                series);
    }

    private String words(Map<String, Row> rows, int within, int compared, ExperimentResult.Builder result) {
        String most = "";
        for (String id : seen.keySet()) {
            if (id.startsWith("rl.")
                    && (most.isEmpty()
                            || result.estimate("transformer." + id + ".quality")
                                    > result.estimate("transformer." + most + ".quality"))) {
                most = id;
            }
        }
        StringBuilder said = new StringBuilder();
        Row row = rows.get(most);
        Got got = row == null ? null : row.got();
        if (got != null) {
            Finding ai = result.figure("transformer." + most + ".ai");
            said.append(String.format(
                    Locale.ROOT,
                    " A transformer tuned by RL at λ = %s gives a mean reward of %s, and an AI wrote it with probability %s [%s,"
                            + " %s] (%d seeds); the exact conditional has %s, %s.",
                    most.substring(3),
                    FigureFormat.of(result.estimate("transformer." + most + ".quality")),
                    FigureFormat.of(ai.estimate()),
                    FigureFormat.of(ai.lower()),
                    FigureFormat.of(ai.upper()),
                    training.seeds,
                    FigureFormat.of(setup.ai(got)),
                    ai.lower() <= setup.ai(got) && setup.ai(got) <= ai.upper()
                            ? "within that interval"
                            : "outside that interval"));
        }
        said.append(String.format(
                Locale.ROOT,
                " Of %d ways of asking transformers, %d have the world's P(AI) within their interval.",
                compared,
                within));
        if (result.stands("transformer.enough")) {
            Finding best = result.figure("transformer.enough");
            said.append(String.format(
                    Locale.ROOT,
                    " The most whose P(AI) is accepted with its whole interval is %s on them.",
                    SeedInterval.words(best)));
        }
        if (result.stands("transformer.enough.lambda")) {
            Finding lambda = result.figure("transformer.enough.lambda");
            said.append(String.format(Locale.ROOT, " Just enough is λ = %s on them.", SeedInterval.words(lambda)));
        }
        return said.toString();
    }
}

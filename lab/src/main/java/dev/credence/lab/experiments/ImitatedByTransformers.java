package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.training.AdamWSettings;
import dev.credence.lab.training.CorpusRun;
import dev.credence.lab.training.CorpusSettings;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.lab.training.Start;
import dev.credence.worlds.Network;
import dev.credence.worlds.NetworkSampler;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Imitation by transformers: one trained on texts of the demonstrators alone, one on texts of the whole world, each scored on every
 * text of the world, and conditioned on the reward by weighing these. Several seeds; intervals by Student's t.
 */
final class ImitatedByTransformers {
    private static final long MOST = 1 << 12; // texts that are scored
    private static final int SCORED = 256;

    private final NetworkInput source;
    private final Map<Network, Double> demonstrators;
    private final double lambda;
    private final double best;
    private final Training training;
    private final List<Text> texts = new ArrayList<>();
    private @Nullable TextReader reader; // null where nobody is an AI
    private @Nullable String share; // of AI texts that are mixed in; null for none

    /**
     * A text that someone in the world can write.
     *
     * @param prompt which, from 0
     * @param weight the prompt's share
     * @param document prompt and text, as a corpus has them
     * @param reward of the text
     */
    private record Text(int prompt, double weight, String document, double reward) {}

    /**
     * One seed's figures.
     *
     * @param mean reward of what it writes
     * @param above mass above the best demonstration
     * @param unknown mass of texts that nobody in the world writes
     * @param conditioned mean reward once conditioned
     * @param ai P(AI) of what it writes, to a reader who knows the world
     * @param conditionedAi the same once conditioned
     */
    private record Seen(
            double mean, double above, double unknown, double conditioned, double ai, double conditionedAi) {}

    /**
     * How transformers are trained.
     *
     * @param seeds how many of each, for the intervals
     * @param steps of 64 texts each
     * @param draws texts that each is trained on
     * @param seed of draws and weights
     */
    record Training(int seeds, int steps, int draws, long seed) {
        static Training of(ExperimentSettings settings) {
            return new Training(
                    settings.count("transformer.seeds"),
                    settings.count("transformer.steps"),
                    settings.count("transformer.draws"),
                    settings.whole("seed"));
        }
    }

    /**
     * By what the texts are good.
     *
     * @param reward of the world, as the user wrote it
     * @param lambda copies of it that are conditioned on
     * @param best of the demonstrations
     */
    record Judged(String reward, double lambda, double best) {}

    ImitatedByTransformers(NetworkInput source, Map<Network, Double> demonstrators, Judged judged, Training training) {
        this.source = source;
        this.demonstrators = demonstrators;
        this.lambda = judged.lambda;
        this.best = judged.best;
        this.training = training;
        Network network = source.network();
        if (network.assignments() > MOST) {
            throw InputException.ofSetting(
                    "transformer", "yes", "a transformer is scored on worlds of at most " + MOST + " texts");
        }
        TableWorld world = Projection.ofTexts(network, List.of()).world();
        WorldInput input = new WorldInput(world, source.input());
        RewardFunction reward = input.reward("reward", judged.reward).function();
        List<String> prompts = world.prior().prompts();
        for (String prompt : prompts) {
            Distribution given = world.prior().given(prompt);
            double[] rewards = reward.rewards(prompt, given);
            for (int x = 0; x < rewards.length; x++) {
                texts.add(new Text(
                        prompts.indexOf(prompt), world.prior().weight(prompt), prompt + given.outcome(x), rewards[x]));
            }
        }
    }

    /**
     * Lets a reader who knows the world say of each text whether an AI wrote it.
     *
     * @param ais who counts as one; null where nobody does
     * @param mixed share of AI texts that a third transformer is trained on, as it was written; null for none
     * @return this
     */
    ImitatedByTransformers readBy(Demonstrators.@Nullable Authors ais, @Nullable String mixed) {
        this.reader = ais == null ? null : new TextReader(source, ais);
        this.share = mixed;
        return this;
    }

    /** What is asked of a reader. */
    static String question(String way, @Nullable String share) {
        String reader = "P(AI), to a reader who knows the world, of ";
        return switch (way) {
            case "imitated" -> reader + "imitating the demonstrators";
            case "conditioned" -> reader + "the same, conditioned on the reward";
            case "unrestricted" -> reader + "everybody's texts, conditioned on the reward";
            case "mixed" -> reader + "imitating demonstrations with a share of " + share + " by AIs";
            default -> "How much of it those AI texts add";
        };
    }

    /** Trains and scores, a seed after the other; what comes of it in a sentence. */
    String add(ExperimentResult.Builder result, Listener listener) {
        int seeds = training.seeds;
        List<Seen> humans = new ArrayList<>();
        List<Seen> all = new ArrayList<>();
        List<Seen> mixtures = new ArrayList<>();
        TableModel mixture = mixture();
        DataTable.Builder table = DataTable.of(
                "Transformers, by seed",
                "seed",
                "trained on",
                "mean reward",
                "mass above the best demonstration",
                "mass of unknown texts",
                "conditioned: mean reward",
                "P(AI) to a reader",
                "conditioned: P(AI) to a reader");
        for (int i = 0; i < seeds; i++) {
            long seed = training.seed + i;
            humans.add(seen("demonstrators-" + i, draws(demonstrators, seed), seed, listener));
            all.add(seen("everybody-" + i, draws(Map.of(source.network(), 1.0), seed), seed, listener));
            if (mixture != null) {
                mixtures.add(seen("mixed-" + i, draws(mixture, seed), seed, listener));
                row(table, seed, "demonstrators and AIs", mixtures.get(i));
            }
            row(table, seed, "demonstrators", humans.get(i));
            row(table, seed, "everybody", all.get(i));
            listener.accept("transformers of seed " + seed + ": imitation "
                    + FigureFormat.of(humans.get(i).mean) + ", conditioned "
                    + FigureFormat.of(humans.get(i).conditioned));
        }
        result.table("transformers", table.build());
        String trained = "a transformer trained on the demonstrators alone";
        String mean = add(
                result,
                "imitated.mean",
                "Mean reward of " + trained + "?",
                humans.stream().mapToDouble(Seen::mean),
                "reward");
        String above = add(
                result,
                "imitated.above",
                "Mass of " + trained + " above the best demonstration?",
                humans.stream().mapToDouble(Seen::above),
                "probability");
        add(
                result,
                "imitated.unknown",
                "Mass of " + trained + " on texts that nobody writes?",
                humans.stream().mapToDouble(Seen::unknown),
                "probability");
        String conditioned = add(
                result,
                "conditioned.mean",
                "Mean reward of the same transformer, conditioned?",
                humans.stream().mapToDouble(Seen::conditioned),
                "reward");
        add(
                result,
                "gap",
                "What conditioning it gains?",
                humans.stream().mapToDouble(seen -> seen.conditioned - seen.mean),
                "reward");
        add(
                result,
                "unrestricted.mean",
                "Mean reward of a transformer trained on everybody, conditioned?",
                all.stream().mapToDouble(Seen::conditioned),
                "reward");
        return ais(result, humans, all, mixtures) + " Transformers trained on the demonstrations alone (" + seeds
                + " seeds) write a mean of " + mean + " and put " + above
                + " above the best of them; conditioned, they give " + conditioned + ".";
    }

    /** What a reader thinks of their authors; a sentence. */
    private String ais(ExperimentResult.Builder result, List<Seen> humans, List<Seen> all, List<Seen> mixtures) {
        Map<String, double[]> read = new LinkedHashMap<>();
        read.put("imitated", humans.stream().mapToDouble(Seen::ai).toArray());
        read.put("conditioned", humans.stream().mapToDouble(Seen::conditionedAi).toArray());
        read.put("unrestricted", all.stream().mapToDouble(Seen::conditionedAi).toArray());
        if (reader == null) {
            read.forEach((way, none) -> result.finding(new Finding(
                            "transformer.ai." + way,
                            question(way, share) + ", on a transformer?",
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            Grade.ESTIMATED,
                            "probability",
                            null,
                            null)
                    .withdrawn("the world says nobody to be an AI")));
            return "";
        }
        if (!mixtures.isEmpty()) {
            read.put("mixed", mixtures.stream().mapToDouble(Seen::ai).toArray());
            read.put(
                    "added",
                    IntStream.range(0, humans.size())
                            .mapToDouble(i -> mixtures.get(i).ai - humans.get(i).ai)
                            .toArray());
        }
        StringBuilder said =
                new StringBuilder(" To a reader who knows the world, P(AI) of what transformers write is ");
        List<String> parts = new ArrayList<>();
        int holds = 0;
        for (Map.Entry<String, double[]> each : read.entrySet()) {
            String way = each.getKey();
            String words = add(
                    result,
                    "ai." + way,
                    question(way, share) + ", on a transformer?",
                    DoubleStream.of(each.getValue()),
                    way.equals("added") ? "" : "probability");
            double exact = result.estimate("read.ai." + way);
            Finding figure = result.figure("transformer.ai." + way);
            holds += figure.lower() <= exact && exact <= figure.upper() ? 1 : 0;
            parts.add(
                    switch (way) {
                        case "imitated" -> words + " under imitation";
                        case "conditioned" -> words + " conditioned";
                        case "unrestricted" -> words + " where everybody's texts are conditioned";
                        case "mixed" -> words + " with a share of " + share + " by AIs among the demonstrations";
                        default -> "so that these add " + words;
                    });
        }
        return said.append(String.join(", ", parts))
                .append(": ")
                .append(holds)
                .append(" of ")
                .append(read.size())
                .append(" of the exact values lie within their intervals.")
                .toString();
    }

    private @Nullable TableModel mixture() {
        return reader == null || share == null
                ? null
                : reader.mixed(reader.texts(demonstrators), ExperimentKey.number(share));
    }

    private static void row(DataTable.Builder table, long seed, String whom, Seen seen) {
        table.row(seed, whom, seen.mean, seen.above, seen.unknown, seen.conditioned, seen.ai, seen.conditionedAi);
    }

    /** A figure over seeds; its estimate and interval in words. */
    private String add(ExperimentResult.Builder result, String id, String question, DoubleStream values, String unit) {
        double[] seeds = values.toArray();
        boolean isNone = id.equals("imitated.above") && texts.stream().noneMatch(text -> text.reward > best);
        SeedInterval interval = unit.equals("probability") && !isNone // no text lies above the best: that share is 0
                ? SeedInterval.within(seeds, 0, 1)
                : SeedInterval.of(seeds);
        result.estimated("transformer." + id, question, interval, unit);
        return isNone ? FigureFormat.of(interval.mean()) : FigureFormat.of(interval.mean()) + " " + interval.ends();
    }

    private Seen seen(String name, List<String> documents, long seed, Listener listener) {
        double[] part = listener.part(name, () -> {
            try {
                Seen seen = seen(documents, seed);
                return new double[] {seen.mean, seen.above, seen.unknown, seen.conditioned, seen.ai, seen.conditionedAi
                };
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new Seen(part[0], part[1], part[2], part[3], part[4], part[5]);
    }

    private Seen seen(List<String> documents, long seed) throws IOException {
        Path folder = Files.createTempDirectory("credence-imitation");
        try {
            Corpus corpus = new Corpus(documents, List.of(source.input()));
            CorpusTrainingSettings asked = CorpusTrainingSettings.standard()
                    .corpus(CorpusSettings.standard().validation(0))
                    .start(Start.FromScratch.standard()
                            .vocabulary(300)
                            .layers(2)
                            .width(32, 2)
                            .context(64))
                    .steps(training.steps)
                    .batch(64)
                    .length(64)
                    .optimiser(AdamWSettings.standard().rate(0.01, 10, 0))
                    .measuring(new CorpusTrainingSettings.Measuring(1000, 1000, 1_000_000, 1, Journal.Sinks.none()));
            Provenance how = new Provenance("imitation", "java", seed, asked.named(), List.of(source.input()));
            StoredRun run = CorpusRun.begin(
                    folder.resolve("run"), List.of(source.input().name()), how);
            new CorpusRun(run, asked, corpus, line -> {}).go();
            try (OpenModel model = OpenModel.open(run.path().toString())) {
                return seen(model);
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Documents as train draws them: an author by its share, a prompt by its weight, a text. */
    private List<String> draws(Map<Network, Double> whom, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Network> networks = new ArrayList<>(whom.keySet());
        double[] shares =
                whom.values().stream().mapToDouble(Double::doubleValue).toArray();
        Map<String, NetworkSampler> samplers = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        source.network()
                .prompts()
                .forEach(prompt -> weights.put(prompt, source.network().weight(prompt)));
        Distribution prompts = Distribution.normalised(weights);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < training.draws; i++) {
            double left = random.nextDouble();
            int k = 0;
            while (k < shares.length - 1 && left >= shares[k]) {
                left -= shares[k++];
            }
            int which = k;
            String prompt = prompts.outcome(prompts.sample(random));
            NetworkSampler sampler = samplers.computeIfAbsent(
                    which + " " + prompt,
                    none -> networks.get(which).prior(prompt).sampler());
            documents.add(prompt + sampler.draw(random).text());
        }
        return documents;
    }

    /** The same of a table's texts. */
    private List<String> draws(TableModel table, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Double> weights = new LinkedHashMap<>();
        table.prompts().forEach(prompt -> weights.put(prompt, table.weight(prompt)));
        Distribution prompts = Distribution.normalised(weights);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < training.draws; i++) {
            String prompt = prompts.outcome(prompts.sample(random));
            Distribution of = table.given(prompt);
            documents.add(prompt + of.outcome(of.sample(random)));
        }
        return documents;
    }

    private Seen seen(OpenModel model) {
        TextTokenizer tokenizer = model.texts().tokenizer();
        int end = tokenizer.end().orElseThrow();
        List<Continuation> documents = new ArrayList<>();
        for (Text text : texts) {
            int[] ids = tokenizer.document(text.document);
            int[] tokens = Arrays.copyOf(ids, ids.length + 1);
            tokens[ids.length] = end;
            documents.add(new Continuation(new int[] {end}, tokens));
        }
        double[] log = new double[texts.size()];
        for (int from = 0; from < log.length; from += SCORED) {
            double[][] some =
                    model.transformer().logProbs(documents.subList(from, Math.min(log.length, from + SCORED)));
            for (int i = 0; i < some.length; i++) {
                log[from + i] = Arrays.stream(some[i]).sum();
            }
        }
        double mean = 0;
        double above = 0;
        double conditioned = 0;
        double ai = 0;
        double conditionedAi = 0;
        TextReader by = reader;
        int prompts = texts.get(texts.size() - 1).prompt + 1;
        for (int c = 0; c < prompts; c++) {
            int prompt = c;
            int[] of = IntStream.range(0, log.length)
                    .filter(x -> texts.get(x).prompt == prompt)
                    .toArray();
            TiltedFamily family = TiltedFamily.ofLog(
                    Arrays.stream(of).mapToDouble(x -> log[x]).toArray(),
                    Arrays.stream(of).mapToDouble(x -> texts.get(x).reward).toArray());
            double weight = texts.get(of[0]).weight;
            mean += weight * family.at(0).mean();
            conditioned += weight * family.at(lambda).mean();
            double[] known = family.logPosterior(0);
            for (int i = 0; i < of.length; i++) {
                above += texts.get(of[i]).reward > best ? weight * Math.exp(known[i]) : 0;
            }
            if (by != null) {
                double[] share = by.ai(source.network().prompts().get(c));
                double[] asked = family.logPosterior(lambda);
                for (int i = 0; i < of.length; i++) {
                    ai += weight * Math.exp(known[i]) * share[i];
                    conditionedAi += weight * Math.exp(asked[i]) * share[i];
                }
            }
        }
        return new Seen(mean, above, Math.max(0, 1 - Math.exp(LogMath.logSumExp(log))), conditioned, ai, conditionedAi);
    }
}

package dev.credence.lab.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.KnownTexts;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All documents that a world's corpus can have, with their probabilities, as tokens between end tokens: the distribution that a
 * transformer trained on draws of the world tends to, so that its distance from it is known exactly.
 */
public final class WorldCorpus {
    private static final int SCORED = 256; // documents scored together
    private static final long MOST = 1 << 14; // documents that are scored at all

    private final List<Continuation> documents;
    private final double[] logProbs; // (documents) nats
    private final KnownTexts model;

    private WorldCorpus(List<Continuation> documents, double[] logProbs, KnownTexts model) {
        this.documents = documents;
        this.logProbs = logProbs;
        this.model = model;
    }

    /**
     * A world's documents: a prompt by its weight, then a text, as they are drawn for training.
     *
     * @param world its texts
     * @param tokenizer of the model that learns them
     * @param vocabulary tokens of that model
     * @return the corpus
     * @throws InputException if the tokenizer has no end token or reads one within a text, or its ids are another model's
     */
    public static WorldCorpus of(TableModel world, TextTokenizer tokenizer, int vocabulary) {
        int end = tokenizer
                .end()
                .orElseThrow(() -> InputException.ofSetting(
                        "tokenizer", "without an end token", "documents begin and end with one"));
        Map<String, Double> masses = new LinkedHashMap<>();
        for (String prompt : world.prompts()) {
            Distribution texts = world.given(prompt);
            for (int x = 0; x < texts.size(); x++) {
                double mass = world.weight(prompt) * texts.probability(x);
                if (mass > 0) { // a product of two small numbers may be none
                    masses.merge(prompt + texts.outcome(x), mass, Double::sum);
                }
            }
        }
        List<int[]> texts = new ArrayList<>();
        List<Continuation> documents = new ArrayList<>();
        masses.keySet().forEach(text -> {
            int[] ids = tokenizer.document(text);
            int[] whole = new int[ids.length + 2];
            whole[0] = end;
            System.arraycopy(ids, 0, whole, 1, ids.length);
            whole[whole.length - 1] = end;
            requireKnown(whole, vocabulary);
            requireOneEnd(text, ids, end);
            texts.add(whole);
            documents.add(new Continuation(new int[] {end}, Arrays.copyOfRange(whole, 1, whole.length)));
        });
        double[] logProbs = masses.values().stream().mapToDouble(Math::log).toArray();
        KnownTexts model = KnownTexts.of(new Vocabulary(vocabulary, Set.of(end)), texts, logProbs);
        return new WorldCorpus(documents, logProbs, model);
    }

    /**
     * The corpus that `train` draws documents of, where all of them can be scored.
     *
     * @param arguments files, or one world, as a corpus is named
     * @param tokenizer of the model that learns them
     * @param vocabulary tokens of that model
     * @param context positions of that model
     * @return none for files, for more than 16,384 texts, and where one is longer than the model reads
     */
    public static Optional<WorldCorpus> read(
            List<String> arguments, TextTokenizer tokenizer, int vocabulary, int context) {
        if (arguments.size() != 1 || !WorldInput.isWorld(arguments.get(0))) {
            return Optional.empty();
        }
        Optional<NetworkInput> network = NetworkInput.read(arguments.get(0));
        if (network.isPresent() && network.get().network().assignments() > MOST) {
            return Optional.empty();
        }
        TableModel prior = WorldInput.read(arguments.get(0)).world().prior();
        long texts = prior.prompts().stream()
                .mapToLong(prompt -> prior.given(prompt).size())
                .sum();
        if (texts > MOST) {
            return Optional.empty();
        }
        WorldCorpus corpus = of(prior, tokenizer, vocabulary);
        boolean fits = corpus.documents.stream().allMatch(document -> document.tokens().length <= context);
        return fits ? Optional.of(corpus) : Optional.empty();
    }

    private static void requireKnown(int[] ids, int vocabulary) {
        for (int id : ids) {
            if (id >= vocabulary) {
                throw InputException.ofSetting(
                        "tokenizer", "with the id " + id, "the model has " + vocabulary + " tokens");
            }
        }
    }

    /** A model ends a text at its first end token: what stands behind one is never drawn, and has no probability to compare. */
    private static void requireOneEnd(String text, int[] ids, int end) {
        if (Arrays.stream(ids).anyMatch(id -> id == end)) {
            throw InputException.ofSetting(
                    "text of the world",
                    "'" + text + "'",
                    "the tokenizer reads its end token (id " + end
                            + ") in it, which no model's text has before its end; spell the text otherwise");
        }
    }

    /** {@return the exact distribution of the next token after every beginning of a document} */
    public KnownTexts model() {
        return model;
    }

    /**
     * How far a model is from the corpus, by sums over all documents.
     *
     * @param loss mean of −log q, nats a token: what training on endless draws would measure
     * @param least the least loss there can be, the corpus's entropy, nats a token
     * @param distance KL(corpus ‖ model), nats a token: loss − least
     * @param tokens mean tokens of a document, its end included
     */
    public record Distance(double loss, double least, double distance, double tokens) {}

    /**
     * The distance of a model.
     *
     * @param other with the same tokens
     * @return in nats a token; infinite where it excludes a document
     */
    public Distance distance(PredictiveModel other) {
        double kl = 0;
        double entropy = 0;
        double tokens = 0;
        for (int from = 0; from < documents.size(); from += SCORED) {
            List<Continuation> some = documents.subList(from, Math.min(documents.size(), from + SCORED));
            double[][] scored = other.logProbs(some);
            for (int i = 0; i < scored.length; i++) {
                double log = logProbs[from + i];
                double p = Math.exp(log);
                kl += p * (log - Arrays.stream(scored[i]).sum());
                entropy -= p * log;
                tokens += p * scored[i].length;
            }
        }
        double distance = Math.max(0, kl) / tokens;
        return new Distance(distance + entropy / tokens, entropy / tokens, distance, tokens);
    }
}

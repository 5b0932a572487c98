package dev.credence.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A model on a server that speaks the OpenAI completions protocol. Texts are drawn by the model's own distribution, one request a text and
 * several at a time, each with a seed of its own; given tokens are scored exactly, by whichever way the server has.
 *
 * <p>At opening a few texts are drawn and scored, and the two sets of log-probabilities compared: a server whose draws are tempered,
 * truncated or penalised all the same, or whose printed log-probabilities are processed ones, is refused. One that truncates and prints raw
 * log-probabilities passes here; the audit's own {@code normalisation} sees it.
 */
public final class EndpointModel implements PredictiveModel, AutoCloseable {
    /** Mean difference of a token's two log-probabilities, nats, above which they are not the same model's. */
    static final double REFUSED = .1;

    /** The same, above which a reader is told. */
    static final double TOLD = .005;

    /** Share of the differences that is left where their signs are kept, above which they are no rounding. */
    private static final double ONE_SIDE = .9;

    private static final int ENOUGH = 12; // tokens that do not all differ to one side by chance

    private static final String LETTER = "a";
    private static final int PROBES = 4;
    private static final int PROBE_LENGTH = 16;
    private static final int END_TRIES = 48;
    private static final int MOST_TOKENS = 1 << 22;
    private static final int SEED_BITS = 31; // llama.cpp takes 32 and has a meaning for the last one

    private final EndpointConnection connection;
    private final Server server;
    private final Vocabulary vocabulary;
    private final Map<String, String> facts;
    private final double gap;
    private final boolean tokenizes;

    private EndpointModel(
            EndpointConnection connection,
            Server server,
            Vocabulary vocabulary,
            Map<String, String> facts,
            double gap,
            boolean tokenizes) {
        this.connection = connection;
        this.server = server;
        this.vocabulary = vocabulary;
        this.facts = facts;
        this.gap = gap;
        this.tokenizes = tokenizes;
    }

    /**
     * What is known of a model's tokens before its server is asked.
     *
     * @param size of the vocabulary; 0 where the server is to say or to be tried
     * @param ends ids that end a text; none where the server is to say, or a drawn text to show
     */
    public record Tokens(int size, Set<Integer> ends) {
        /** Nothing. */
        public static final Tokens UNKNOWN = new Tokens(0, Set.of());

        /**
         * Copies the set.
         *
         * @param size as above
         * @param ends as above
         */
        public Tokens {
            ends = Collections.unmodifiableSortedSet(new TreeSet<>(ends));
        }
    }

    /**
     * Asks a server what it is and whether its answers hold together.
     *
     * @param url where it is
     * @param settings how it is asked
     * @param known of its tokens
     * @return the model; the caller closes it
     * @throws InputException if there is no such server or model, or it cannot give what a predictive model must
     */
    public static EndpointModel open(EndpointUrl url, EndpointSettings settings, Tokens known) {
        EndpointConnection connection = new EndpointConnection(url, settings);
        try {
            return open(connection, known);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static EndpointModel open(EndpointConnection connection, Tokens known) {
        JsonNode listed = listed(connection);
        String owner = listed.path("owned_by").asText("").toLowerCase(Locale.ROOT);
        Server server = owner.equals("llamacpp")
                ? new LlamaServer(connection, listed)
                : new CompletionsServer(
                        connection, listed, owner.isEmpty() ? "a server that does not name itself" : owner);
        int[] spoken = probePrompt(server);
        boolean tokenizes = spoken.length > 0;
        int[] prompt = tokenizes ? spoken : new int[] {0}; // a server without a tokenizer still has a first token
        int length = Math.min(PROBE_LENGTH, server.context().orElse(Integer.MAX_VALUE) - prompt.length - 1);
        List<Callable<Server.Drawn>> draws = new ArrayList<>();
        for (int seed = 1; seed <= PROBES; seed++) {
            int own = seed;
            draws.add(() -> server.draw(prompt, length, own));
        }
        List<Server.Drawn> drawn = connection.all(draws);
        if (server instanceof CompletionsServer asked) {
            asked.probe(prompt, drawn.get(0));
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("server", server.kind());
        facts.put("model", listed.path("id").asText());
        Gap gap = server.scores() ? gap(server, prompt, drawn) : null;
        if (gap != null && !gap.isOfRounding()) {
            throw new InputException(
                    connection.url().toString(),
                    0,
                    "logprobs",
                    String.format(
                            Locale.ROOT,
                            "of drawn tokens %.3f nats a token from the scores of the same tokens%s",
                            gap.mean,
                            gap.isOneSided() ? ", nearly all to one side" : ""),
                    "both are the model's own at temperature 1, nothing truncated: the server draws otherwise, or prints"
                            + " processed log-probabilities");
        }
        Set<Integer> ends = known.ends().isEmpty() ? ends(server, prompt, drawn) : known.ends();
        int size = known.size() > 0 ? known.size() : server.vocabulary().orElseGet(() -> size(server));
        facts.put("tokens", Integer.toString(size));
        facts.put(
                "context",
                server.context().isPresent() ? Integer.toString(server.context().getAsInt()) : "not told");
        facts.put("scoring", server.scores() ? server.scoring() : "none");
        facts.put("ends", new TreeSet<>(ends).toString());
        JsonNode parameters = listed.path("meta").path("n_params");
        if (parameters.isNumber()) {
            facts.put("parameters", parameters.asText());
        }
        return new EndpointModel(
                connection, server, new Vocabulary(size, ends), facts, gap == null ? Double.NaN : gap.mean, tokenizes);
    }

    private static JsonNode listed(EndpointConnection connection) {
        URI to = connection.protocol("/models");
        EndpointConnection.Answer answer;
        try {
            answer = connection.ask(to, null);
        } catch (UncheckedIOException e) {
            throw InputException.ofSetting(
                    "model",
                    connection.url().toString(),
                    String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
        }
        if (!answer.isGood()) {
            throw connection.refused(to, answer);
        }
        String wanted = connection.url().model();
        List<String> names = new ArrayList<>();
        JsonNode only = null;
        for (JsonNode model : answer.body().path("data")) {
            only = model;
            names.add(model.path("id").asText());
            if (model.path("id").asText().equals(wanted)) {
                return model;
            }
        }
        if (only != null && names.size() == 1 && wanted.isEmpty()) {
            return only;
        }
        throw InputException.ofSetting(
                "model",
                connection.url().toString(),
                names.isEmpty()
                        ? "the server lists no model"
                        : "the server has " + String.join(", ", names) + "; write #MODEL behind the address");
    }

    private static int[] probePrompt(Server server) {
        try {
            return server.encode("The", false);
        } catch (InputException e) {
            return new int[0];
        }
    }

    /**
     * By how much log-probabilities of drawn tokens differ from the scores of the same tokens, nats a token.
     *
     * @param mean of the differences without their signs
     * @param signed of the differences, without its sign
     * @param tokens how many there are
     */
    private record Gap(double mean, double signed, int tokens) {
        /** What is rounded goes either way; masses that were cut and shared out again raise every log-probability. */
        boolean isOneSided() {
            return mean > TOLD && signed > ONE_SIDE * mean && tokens >= ENOUGH;
        }

        boolean isOfRounding() {
            return mean <= REFUSED && !isOneSided(); // false for what is no number
        }
    }

    private static Gap gap(Server server, int[] prompt, List<Server.Drawn> drawn) {
        double sum = 0;
        double signed = 0;
        int tokens = 0;
        for (Server.Drawn one : drawn) {
            double[] scored = server.score(new Continuation(prompt, one.ids()));
            for (int i = 0; i < scored.length; i++) {
                sum += Math.abs(scored[i] - one.logProbs()[i]);
                signed += scored[i] - one.logProbs()[i];
            }
            tokens += scored.length;
        }
        return new Gap(sum / tokens, Math.abs(signed) / tokens, tokens);
    }

    /** The end that the server names, or that of a text which ended. */
    private static Set<Integer> ends(Server server, int[] prompt, List<Server.Drawn> drawn) {
        if (!server.ends().isEmpty()) {
            return server.ends();
        }
        List<Server.Drawn> seen = new ArrayList<>(drawn);
        int length = Math.min(4 * PROBE_LENGTH, server.context().orElse(Integer.MAX_VALUE) - prompt.length - 1);
        for (int seed = PROBES + 1; seed <= END_TRIES && seen.stream().noneMatch(Server.Drawn::finished); seed++) {
            seen.add(server.draw(prompt, length, seed));
        }
        return seen.stream()
                .filter(Server.Drawn::finished)
                .map(one -> one.ids()[one.ids().length - 1])
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Ids are taken up to the vocabulary's end. */
    private static int size(Server server) {
        int taken = 1;
        int refused = MOST_TOKENS;
        while (refused - taken > 1) {
            int middle = taken + (refused - taken) / 2;
            if (takes(server, middle - 1)) {
                taken = middle;
            } else {
                refused = middle;
            }
        }
        return taken;
    }

    private static boolean takes(Server server, int id) {
        try {
            server.draw(new int[] {id}, 1, 1);
            return true;
        } catch (InputException e) {
            return false;
        }
    }

    /** {@return the address} */
    public EndpointUrl url() {
        return connection.url();
    }

    /** {@return what the server said of itself and what was found out, by name; the same server gives the same} */
    public Map<String, String> facts() {
        return Collections.unmodifiableMap(facts);
    }

    /** {@return a hash of the facts, in the place of a folder's hash of its weights, which a server does not show} */
    public String fingerprint() {
        try {
            byte[] told = facts.toString().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(told));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what a reader of the figures must know, a line each} */
    public List<String> warnings() {
        List<String> lines = new ArrayList<>();
        if (gap > TOLD) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: log-probabilities of drawn tokens and of the same tokens scored differ by %.4f nats a token; figures are no finer"
                            + " than that",
                    connection.url(),
                    gap));
        }
        if (vocabulary.ends().isEmpty()) {
            lines.add(connection.url()
                    + ": no text that was tried ended, and the server does not say what ends one; state the end token");
        }
        return lines;
    }

    /** {@return tokens that prompt and completion may have together; a very large number where the server does not say} */
    public int context() {
        return server.context().orElse(Integer.MAX_VALUE);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * The ids of a text by the server's tokenizer, special tokens recognised, no begin token added.
     *
     * @param text any
     * @return its ids
     * @throws InputException if the server has no tokenizer to ask
     */
    public int[] encode(String text) {
        return text.isEmpty() ? new int[0] : server.encode(text, false);
    }

    /**
     * The token that the server's tokenizer puts in front of a whole text.
     *
     * @return its id, or nothing where it puts none
     * @throws InputException if the server has no tokenizer to ask
     */
    public OptionalInt begin() {
        int[] ruled = server.encode(LETTER, true);
        int[] bare = server.encode(LETTER, false);
        return ruled.length > bare.length && Arrays.equals(Arrays.copyOfRange(ruled, 1, 1 + bare.length), bare)
                ? OptionalInt.of(ruled[0])
                : OptionalInt.empty();
    }

    /** {@return whether the server tells texts' ids} */
    public boolean tokenizes() {
        return tokenizes;
    }

    /**
     * The same model, whose texts end at other tokens.
     *
     * @param ends ids
     * @return it shares this one's connection; either closes it
     */
    public EndpointModel ending(Set<Integer> ends) {
        Map<String, String> changed = new LinkedHashMap<>(facts);
        changed.put("ends", new TreeSet<>(ends).toString());
        return new EndpointModel(connection, server, new Vocabulary(vocabulary.size(), ends), changed, gap, tokenizes);
    }

    /**
     * The text of ids by the server's tokenizer, special tokens written out.
     *
     * @param ids tokens
     * @return their text
     * @throws InputException if the server has no tokenizer to ask
     */
    public String decode(int[] ids) {
        return ids.length == 0 ? "" : server.decode(ids);
    }

    /**
     * The texts of several sequences.
     *
     * @param sequences ids of each
     * @return (n) their texts
     */
    public List<String> decode(List<int[]> sequences) {
        List<Callable<String>> questions = new ArrayList<>();
        sequences.forEach(ids -> questions.add(() -> decode(ids)));
        return connection.all(questions);
    }

    /** {@return (n, V) nats; of a server that gives no whole distribution an {@link InputException}} */
    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        List<Callable<double[]>> questions = new ArrayList<>();
        for (int[] prefix : prefixes) {
            checkRoom(prefix.length + 1L);
            vocabulary.check(prefix);
            questions.add(() -> server.next(prefix));
        }
        return connection.all(questions).toArray(double[][]::new);
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        if (!server.scores()) {
            throw InputException.ofSetting(
                    "model",
                    connection.url().toString(),
                    "the server cannot score given tokens exactly: " + server.scoring());
        }
        List<Callable<double[]>> questions = new ArrayList<>();
        for (Continuation text : continuations) {
            long tokens = text.prompt().length + (long) text.tokens().length;
            checkRoom(server.scoresWholeWindow() ? tokens : tokens + 1);
            vocabulary.check(text.prompt());
            vocabulary.check(text.tokens());
            questions.add(() -> server.score(text));
        }
        return connection.all(questions).toArray(double[][]::new);
    }

    private void checkRoom(long tokens) {
        if (tokens > context()) {
            throw new ContextWindowException(tokens, context());
        }
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return sample(List.of(prompt), n, sampling, random).get(0);
    }

    @Override
    public List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
        Sampling.requireCount(n);
        if (!sampling.isPlain()) {
            throw InputException.ofSetting(
                    sampling.isTruncated() ? "top-k, top-p or min-p" : "temperature",
                    sampling.isTruncated() ? "given" : Double.toString(sampling.temperature()),
                    "of a server texts are drawn by the model's own distribution: it tells no log-probabilities of another");
        }
        List<Callable<Sample>> questions = new ArrayList<>();
        for (int[] prompt : prompts) {
            if (prompt.length == 0) {
                throw new IllegalArgumentException("prompt is empty; a model needs at least one token to predict from");
            }
            vocabulary.check(prompt);
            checkRoom(prompt.length + (long) sampling.maxNewTokens());
            long seed = random.nextLong();
            for (int i = 0; i < n; i++) {
                int own = seed(seed, i);
                questions.add(() -> sample(prompt, sampling.maxNewTokens(), own));
            }
        }
        List<Sample> all = connection.all(questions);
        List<List<Sample>> drawn = new ArrayList<>();
        for (int p = 0; p < prompts.size(); p++) {
            drawn.add(List.copyOf(all.subList(p * n, (p + 1) * n)));
        }
        return drawn;
    }

    /** Seeds that differ for all draws of a prompt: steps that each map 31 bits onto 31 bits, one to one. */
    static int seed(long of, int draw) {
        int mask = (int) ((1L << SEED_BITS) - 1);
        int x = (int) (of + draw) & mask;
        x ^= x >>> 15;
        x = x * 0x2C1B3C6D & mask;
        x ^= x >>> 12;
        x = x * 0x297A2D39 & mask;
        return x ^ x >>> 15;
    }

    private Sample sample(int[] prompt, int maxNewTokens, int seed) {
        Server.Drawn drawn = server.draw(prompt, maxNewTokens, seed);
        int[] ids = drawn.ids();
        try {
            vocabulary.check(ids);
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    connection.url().toString(), 0, "token_ids", "drawn", String.valueOf(e.getMessage()));
        }
        for (int i = 0; i + 1 < ids.length; i++) {
            if (vocabulary.isEnd(ids[i])) {
                throw ended("goes on behind token " + ids[i] + ", which ends a text");
            }
        }
        boolean ends = ids.length > 0 && vocabulary.isEnd(ids[ids.length - 1]);
        if (drawn.finished() && !ends) {
            throw ended("ends a text at token " + ids[ids.length - 1] + " (" + spelled(ids[ids.length - 1]) + ")");
        }
        return new Sample(ids, drawn.logProbs(), drawn.logProbs().clone(), ends);
    }

    private String spelled(int id) {
        try {
            return decode(new int[] {id});
        } catch (InputException e) {
            return "?";
        }
    }

    private InputException ended(String what) {
        return InputException.ofSetting(
                "end",
                new TreeSet<>(vocabulary.ends()).toString(),
                "the server " + connection.url() + " " + what + "; server and audit must end texts at the same tokens");
    }

    @Override
    public void close() {
        connection.close();
    }
}

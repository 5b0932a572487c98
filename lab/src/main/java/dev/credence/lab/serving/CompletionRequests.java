package dev.credence.lab.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.hub.BeginToken;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.OpenModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the completions protocol asks of a model, and its answers. One request at a time reaches the model. */
final class CompletionRequests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_LENGTH = 16; // the protocol's
    private static final int MOST_RIVALS = 20;
    private static final int MOST_TEXTS = 4096;
    /** Each would bend the distribution, or end a text, by other rules than the model's. */
    private static final Set<String> ZERO = Set.of("presence_penalty", "frequency_penalty");

    private static final Set<String> ABSENT = Set.of(
            "stop",
            "logit_bias",
            "suffix",
            "stop_token_ids",
            "bad_words",
            "guided_json",
            "guided_regex",
            "guided_choice",
            "guided_grammar",
            "response_format",
            "structured_outputs",
            "prompt_embeds");

    private final OpenModel model;
    private final long seed;
    private long requests; // that named no seed

    CompletionRequests(OpenModel model, long seed) {
        this.model = model;
        this.seed = seed;
    }

    ObjectNode models() {
        ObjectNode node = JSON.createObjectNode().put("object", "list");
        node.putArray("data")
                .addObject()
                .put("id", model.title())
                .put("object", "model")
                .put("owned_by", "credence")
                .put("max_model_len", model.transformer().architecture().context());
        return node;
    }

    /** How one request wants its texts. */
    private record Wish(
            int texts,
            Sampling sampling,
            boolean draws,
            boolean echoes,
            int rivals,
            boolean scoresPrompt,
            boolean asIds,
            boolean tellsIds) {}

    synchronized ObjectNode complete(JsonNode asked) {
        check(asked);
        Wish wish = wish(asked);
        List<int[]> prompts = prompts(asked.path("prompt"));
        if ((long) prompts.size() * wish.texts > MOST_TEXTS) {
            throw Refusal.of(
                    "n", wish.texts + " for " + prompts.size() + " prompts", MOST_TEXTS + " texts a request at most");
        }
        for (int[] prompt : prompts) {
            model.check(new Continuation(prompt, new int[0]));
            model.checkRoom(prompt, wish.draws ? wish.sampling.maxNewTokens() : 0);
        }
        long own = asked.path("seed").isIntegralNumber() ? asked.path("seed").longValue() : mixed(seed, requests++);
        SplittableRandom random = new SplittableRandom(own);
        ObjectNode answer = JSON.createObjectNode()
                .put("id", "cmpl-" + Long.toUnsignedString(own, 36))
                .put("object", "text_completion")
                .put("model", model.title());
        ArrayNode choices = answer.putArray("choices");
        int read = 0;
        int written = 0;
        for (int[] prompt : prompts) {
            List<Sample> drawn = wish.draws
                    ? model.model().sample(prompt, wish.texts, wish.sampling, random)
                    : List.of(new Sample(new int[0], new double[0], new double[0], false));
            for (Sample sample : drawn) {
                choices.add(choice(choices.size(), prompt, sample, wish));
                written += sample.tokens().length;
            }
            read += prompt.length;
        }
        answer.putObject("usage")
                .put("prompt_tokens", read)
                .put("completion_tokens", written)
                .put("total_tokens", read + written);
        return answer;
    }

    private static long mixed(long seed, long request) {
        return new SplittableRandom(seed ^ new SplittableRandom(request).nextLong()).nextLong();
    }

    private void check(JsonNode asked) {
        String name = asked.path("model").asText(model.title());
        if (!name.equals(model.title())) {
            throw new Refusal(404, "the model '" + name + "' is not here; " + model.title() + " is");
        }
        for (String field : ABSENT) {
            JsonNode node = asked.path(field);
            if (!node.isMissingNode() && !node.isNull() && !(node.isContainerNode() && node.isEmpty())) {
                throw Refusal.of(field, node, "texts are drawn by the model's own distribution to its end token");
            }
        }
        for (String field : ZERO) {
            if (asked.path(field).asDouble(0) != 0) {
                throw Refusal.of(field, asked.path(field), "there are no penalties");
            }
        }
        if (asked.path("repetition_penalty").asDouble(1) != 1) {
            throw Refusal.of("repetition_penalty", asked.path("repetition_penalty"), "there are no penalties");
        }
        if (asked.path("stream").asBoolean()
                || asked.path("ignore_eos").asBoolean()
                || asked.path("best_of").asInt(1) > asked.path("n").asInt(1)) {
            throw new Refusal(400, "stream, ignore_eos and best_of are not given");
        }
    }

    private static Wish wish(JsonNode asked) {
        boolean echoes = asked.path("echo").asBoolean();
        int length = integer(asked, "max_tokens", DEFAULT_LENGTH, echoes ? 0 : 1);
        int topK = integer(asked, "top_k", 0, -1);
        double temperature = number(asked, "temperature", 1);
        if (temperature == 0) { // the protocol's word for the likeliest text
            topK = 1;
            temperature = 1;
        }
        Sampling sampling;
        try {
            sampling = new Sampling(
                    Math.max(1, length),
                    temperature,
                    topK <= 0 ? Integer.MAX_VALUE : topK,
                    number(asked, "top_p", 1),
                    number(asked, "min_p", 0));
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, String.valueOf(e.getMessage()));
        }
        int rivals = asked.path("logprobs").isNull() || asked.path("logprobs").isMissingNode()
                ? -1
                : integer(asked, "logprobs", 0, 0);
        boolean scores = asked.path("prompt_logprobs").isIntegralNumber();
        int most = Math.max(rivals, scores ? asked.path("prompt_logprobs").intValue() : 0);
        if (most > MOST_RIVALS) {
            throw Refusal.of("logprobs", most, MOST_RIVALS + " at most");
        }
        return new Wish(
                integer(asked, "n", 1, 1),
                sampling,
                length > 0,
                echoes,
                rivals,
                scores,
                asked.path("return_tokens_as_token_ids").asBoolean(),
                asked.path("return_token_ids").asBoolean());
    }

    private static int integer(JsonNode asked, String field, int otherwise, int least) {
        JsonNode node = asked.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < least) {
            throw Refusal.of(field, node, "a whole number, at least " + least);
        }
        return node.intValue();
    }

    private static double number(JsonNode asked, String field, double otherwise) {
        JsonNode node = asked.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isNumber()) {
            throw Refusal.of(field, node, "a number");
        }
        return node.doubleValue();
    }

    /** A text, a list of ids, or a list of either. */
    private List<int[]> prompts(JsonNode prompt) {
        if (prompt.isTextual()) {
            return List.of(model.prompt(prompt.textValue(), BeginToken.AUTO));
        }
        if (!prompt.isArray() || prompt.isEmpty()) {
            throw Refusal.of(
                    "prompt",
                    prompt.isMissingNode() ? "missing" : prompt,
                    "a text, a list of token ids, or a list of either");
        }
        if (prompt.get(0).isIntegralNumber()) {
            return List.of(ids(prompt, "prompt"));
        }
        List<int[]> all = new ArrayList<>();
        for (JsonNode one : prompt) {
            all.addAll(prompts(one));
        }
        return all;
    }

    private static int[] ids(JsonNode list, String field) {
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!list.get(i).isIntegralNumber() || !list.get(i).canConvertToInt()) {
                throw Refusal.of(field, list.get(i), "token ids are whole numbers");
            }
            ids[i] = list.get(i).intValue();
        }
        return ids;
    }

    private ObjectNode choice(int index, int[] prompt, Sample sample, Wish wish) {
        TextTokenizer tokenizer = model.texts().tokenizer();
        String text = model.texts().text(sample);
        ObjectNode choice = JSON.createObjectNode()
                .put("index", index)
                .put("text", wish.echoes ? tokenizer.decode(prompt, prompt.length) + text : text)
                .put("finish_reason", sample.finished() ? "stop" : "length")
                .putNull("stop_reason");
        double @Nullable [] ofPrompt = wish.scoresPrompt || (wish.echoes && wish.rivals >= 0) ? scored(prompt) : null;
        if (wish.rivals >= 0) {
            int[] told = wish.echoes ? new Continuation(prompt, sample.tokens()).whole() : sample.tokens();
            int before = told.length - sample.tokens().length;
            choice.set("logprobs", logProbs(prompt, told, before, ofPrompt, sample, wish));
        } else {
            choice.putNull("logprobs");
        }
        if (wish.tellsIds) {
            choice.set("token_ids", JSON.valueToTree(sample.tokens()));
            choice.set("prompt_token_ids", JSON.valueToTree(prompt));
        }
        if (wish.scoresPrompt && ofPrompt != null) {
            ArrayNode list = choice.putArray("prompt_logprobs").addNull();
            for (int i = 1; i < prompt.length; i++) {
                list.addObject()
                        .putObject(Integer.toString(prompt[i]))
                        .put("logprob", ofPrompt[i])
                        .put("decoded_token", tokenizer.decode(new int[] {prompt[i]}, 1));
            }
        }
        return choice;
    }

    /** (tokens) nats; the first has nothing in front of it. */
    private double[] scored(int[] whole) {
        double[] nats = new double[whole.length];
        nats[0] = Double.NaN;
        if (whole.length > 1) {
            Continuation rest = new Continuation(new int[] {whole[0]}, Arrays.copyOfRange(whole, 1, whole.length));
            double[] terms = model.model().logProbs(List.of(rest))[0];
            System.arraycopy(terms, 0, nats, 1, terms.length);
        }
        return nats;
    }

    private ObjectNode logProbs(
            int[] prompt, int[] told, int before, double @Nullable [] ofPrompt, Sample sample, Wish wish) {
        TextTokenizer tokenizer = model.texts().tokenizer();
        ObjectNode node = JSON.createObjectNode();
        ArrayNode offsets = node.putArray("text_offset");
        ArrayNode terms = node.putArray("token_logprobs");
        ArrayNode words = node.putArray("tokens");
        ArrayNode tops = node.putArray("top_logprobs");
        double[][] next = wish.rivals == 0 ? new double[0][] : rivals(prompt, sample.tokens(), before > 0);
        int offset = 0;
        for (int i = 0; i < told.length; i++) {
            double nats = i >= before ? sample.logProbs()[i - before] : ofPrompt == null ? Double.NaN : ofPrompt[i];
            String word = wish.asIds ? "token_id:" + told[i] : tokenizer.decode(new int[] {told[i]}, 1);
            offsets.add(offset);
            offset += word.length();
            words.add(word);
            if (Double.isNaN(nats)) {
                terms.addNull();
                tops.addNull();
                continue;
            }
            terms.add(nats);
            ObjectNode top = tops.addObject().put(word, nats);
            if (next.length > 0) {
                double[] row = next[i - (before > 0 ? 1 : 0)];
                IntStream.range(0, row.length)
                        .boxed()
                        .sorted((a, b) -> Double.compare(row[b], row[a]))
                        .limit(wish.rivals)
                        .forEach(v ->
                                top.put(wish.asIds ? "token_id:" + v : tokenizer.decode(new int[] {v}, 1), row[v]));
            }
        }
        return node;
    }

    /** The whole distributions that the tokens were drawn from; of an echo also the prompt's, but for its first. */
    private double[][] rivals(int[] prompt, int[] tokens, boolean echoes) {
        int[] whole = new Continuation(prompt, tokens).whole();
        int first = echoes ? 1 : prompt.length;
        List<int[]> prefixes = IntStream.range(first, whole.length)
                .mapToObj(length -> Arrays.copyOf(whole, length))
                .toList();
        return prefixes.isEmpty() ? new double[0][] : model.model().nextLogProbs(prefixes);
    }

    ObjectNode tokenize(JsonNode asked) {
        JsonNode text = asked.path("prompt");
        if (!text.isTextual()) {
            throw Refusal.of("prompt", text.isMissingNode() ? "missing" : text, "a text");
        }
        int[] ids = asked.path("add_special_tokens").asBoolean(true)
                        && !text.textValue().isEmpty()
                ? model.prompt(text.textValue(), BeginToken.AUTO)
                : model.texts().tokenizer().document(text.textValue());
        ObjectNode answer = JSON.createObjectNode().put("count", ids.length);
        answer.put("max_model_len", model.transformer().architecture().context());
        answer.set("tokens", JSON.valueToTree(ids));
        return answer;
    }

    ObjectNode detokenize(JsonNode asked) {
        if (!asked.path("tokens").isArray()) {
            throw Refusal.of(
                    "tokens",
                    asked.path("tokens").isMissingNode() ? "missing" : asked.path("tokens"),
                    "a list of token ids");
        }
        int[] ids = ids(asked.path("tokens"), "tokens");
        model.transformer().vocabulary().check(ids);
        return JSON.createObjectNode().put("prompt", model.texts().tokenizer().decode(ids, ids.length));
    }
}

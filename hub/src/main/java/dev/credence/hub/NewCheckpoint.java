package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Role;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A checkpoint folder of a GPT-2 model that has learned nothing yet. Weights begin as GPT-2's did: normal with deviation
 * 0.02, those that write into the residual stream divided by √(2·layers), biases 0, scales 1 (Radford et al. 2019, §2.3).
 */
public final class NewCheckpoint {
    private static final double DEVIATION = 0.02;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<Role> INTO_RESIDUAL = EnumSet.of(Role.ATTENTION_OUT, Role.FEED_FORWARD_OUT);
    private static final Set<Role> SCALES = EnumSet.of(Role.ATTENTION_NORM, Role.FEED_FORWARD_NORM, Role.FINAL_NORM);

    private NewCheckpoint() {}

    /**
     * Sizes of a new model.
     *
     * @param layers number of blocks
     * @param width of the residual stream; heads divides it
     * @param heads of attention
     * @param context positions
     */
    public record Sizes(int layers, int width, int heads, int context) {
        /**
         * Checks the sizes.
         *
         * @param layers as above
         * @param width as above
         * @param heads as above
         * @param context as above
         * @throws IllegalArgumentException naming the size, its value and the rule
         */
        public Sizes {
            require(layers >= 1, "layers", layers, "it must be 1 or more");
            require(heads >= 1, "heads", heads, "it must be 1 or more");
            require(width >= 1 && width % heads == 0, "width", width, "it must be a multiple of heads, " + heads);
            require(context >= 2, "context", context, "it must be 2 or more");
        }

        private static void require(boolean good, String name, int value, String rule) {
            if (!good) {
                throw new IllegalArgumentException(name + " is " + value + "; " + rule);
            }
        }
    }

    /**
     * Writes a new model.
     *
     * @param folder made if it is not there
     * @param sizes of the model
     * @param tokenizer a folder with tokenizer.json and tokenizer_config.json, which are copied
     * @param seed of the weights
     * @throws IOException if it cannot be written
     * @throws InputException if the tokenizer's files are missing or name no end token
     */
    public static void write(Path folder, Sizes sizes, Path tokenizer, long seed) throws IOException {
        JsonFile file = JsonFile.read(tokenizer.resolve("tokenizer.json"));
        JsonFile settings = JsonFile.read(tokenizer.resolve("tokenizer_config.json"));
        Map<String, Integer> ids = ids(file);
        int vocabulary =
                1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        int end = special(settings, "eos_token", ids);
        int begin = settings.root().hasNonNull("bos_token") ? special(settings, "bos_token", ids) : end;
        Files.createDirectories(folder);
        for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
            if (!Files.exists(folder.resolve(name))) {
                Files.copy(tokenizer.resolve(name), folder.resolve(name));
            }
        }
        ObjectNode config = MAPPER.createObjectNode().put("model_type", "gpt2");
        config.putArray("architectures").add("GPT2LMHeadModel");
        config.put("vocab_size", vocabulary).put("n_positions", sizes.context()).put("n_embd", sizes.width());
        config.put("n_layer", sizes.layers()).put("n_head", sizes.heads()).put("activation_function", "gelu_new");
        config.put("layer_norm_epsilon", 1e-5)
                .put("initializer_range", DEVIATION)
                .put("dtype", "float32");
        config.put("attn_pdrop", 0.0).put("embd_pdrop", 0.0).put("resid_pdrop", 0.0);
        config.put("bos_token_id", begin).put("eos_token_id", end).put("tie_word_embeddings", true);
        MAPPER.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("config.json").toFile(), config);
        ObjectNode generation =
                MAPPER.createObjectNode().put("bos_token_id", begin).put("eos_token_id", end);
        MAPPER.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("generation_config.json").toFile(), generation);
        weights(folder.resolve("model.safetensors"), tensors(sizes, vocabulary), sizes, new SplittableRandom(seed));
    }

    private static Map<String, Integer> ids(JsonFile tokenizer) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        JsonNode vocabulary = tokenizer.root().at("/model/vocab");
        for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
            ids.put(vocabulary.get(i).path(0).asText(), i);
        }
        vocabulary
                .properties()
                .forEach(token -> ids.put(token.getKey(), token.getValue().asInt()));
        for (JsonNode added : tokenizer.root().path("added_tokens")) {
            ids.put(added.path("content").asText(), added.path("id").asInt());
        }
        if (ids.isEmpty()) {
            throw new InputException(tokenizer.file(), 0, "model.vocab", "missing", "a tokenizer has tokens");
        }
        return ids;
    }

    private static int special(JsonFile settings, String name, Map<String, Integer> ids) {
        String text = settings.optionalText(name)
                .or(() -> settings.object(name).flatMap(token -> token.optionalText("content")))
                .orElseThrow(() -> new InputException(
                        settings.file(), 0, name, "missing", "documents begin and end with a token"));
        Integer id = ids.get(text);
        if (id == null) {
            throw new InputException(settings.file(), 0, name, "'" + text + "'", "it must be one of the tokens");
        }
        return id;
    }

    /**
     * A tensor of the new model.
     *
     * @param role what it does
     * @param name in the file
     * @param shape its sizes
     */
    private record Tensor(Role role, String name, long[] shape) {}

    private static List<Tensor> tensors(Sizes sizes, int vocabulary) {
        long d = sizes.width();
        List<Tensor> tensors = new ArrayList<>();
        add(tensors, 0, Role.EMBEDDING, vocabulary, d);
        add(tensors, 0, Role.POSITIONS, sizes.context(), d);
        for (int layer = 0; layer < sizes.layers(); layer++) {
            both(tensors, layer, Role.ATTENTION_NORM, Role.ATTENTION_NORM_BIAS, d);
            both(tensors, layer, Role.ATTENTION_IN, Role.ATTENTION_IN_BIAS, d, 3 * d);
            both(tensors, layer, Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, d, d);
            both(tensors, layer, Role.FEED_FORWARD_NORM, Role.FEED_FORWARD_NORM_BIAS, d);
            both(tensors, layer, Role.FEED_FORWARD_IN, Role.FEED_FORWARD_IN_BIAS, d, 4 * d);
            both(tensors, layer, Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, 4 * d, d);
        }
        both(tensors, 0, Role.FINAL_NORM, Role.FINAL_NORM_BIAS, d);
        return tensors;
    }

    private static void both(List<Tensor> tensors, int layer, Role weight, Role bias, long... shape) {
        add(tensors, layer, weight, shape);
        add(tensors, layer, bias, shape[shape.length - 1]);
    }

    private static void add(List<Tensor> tensors, int layer, Role role, long... shape) {
        tensors.add(
                new Tensor(role, StoredNames.OF_GPT2.place(role, layer).names().get(0), shape));
    }

    private static void weights(Path file, List<Tensor> tensors, Sizes sizes, SplittableRandom random)
            throws IOException {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        tensors.forEach(tensor -> shapes.put(tensor.name, tensor.shape));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write(SafetensorsHeader.of(shapes).array());
            for (Tensor tensor : tensors) {
                write(tensor, sizes, random, out);
            }
        }
    }

    private static void write(Tensor tensor, Sizes sizes, SplittableRandom random, OutputStream out)
            throws IOException {
        int columns = Math.toIntExact(tensor.shape[tensor.shape.length - 1]);
        long rows = tensor.shape.length == 1 ? 1 : tensor.shape[0];
        double deviation = DEVIATION / (INTO_RESIDUAL.contains(tensor.role) ? Math.sqrt(2.0 * sizes.layers()) : 1);
        float constant = SCALES.contains(tensor.role) ? 1 : 0;
        for (long row = 0; row < rows; row++) {
            ByteBuffer numbers = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int column = 0; column < columns; column++) {
                numbers.putFloat(tensor.shape.length == 2 ? (float) (deviation * random.nextGaussian()) : constant);
            }
            out.write(numbers.array());
        }
    }
}

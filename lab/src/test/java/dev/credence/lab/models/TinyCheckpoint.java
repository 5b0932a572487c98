package dev.credence.lab.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** A checkpoint folder of a small random model of letters: end, a, e, t, h; a context of eight tokens. */
public final class TinyCheckpoint {
    private static final int VOCABULARY = 5;
    private static final int WIDTH = 8;
    private static final int CONTEXT = 8;

    private TinyCheckpoint() {}

    /**
     * Writes one.
     *
     * @param folder made if it is not there
     * @param seed of its weights
     * @return the folder
     */
    public static Path write(Path folder, long seed) throws IOException {
        return write(folder, seed, -1, 0);
    }

    /**
     * Writes one that hardly ever goes on with one of its tokens.
     *
     * @param folder made if it is not there
     * @param seed of its weights
     * @param token which; -1 for none
     * @param logit what is added to its logit everywhere
     * @return the folder
     */
    public static Path write(Path folder, long seed, int token, float logit) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 5, "n_embd": 8, "n_head": 2,
                 "n_layer": 1, "n_positions": 8, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05,
                 "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": true}
                """);
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
                """);
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null,
                 "added_tokens": [{"id": 0, "content": "<|endoftext|>", "single_word": false, "lstrip": false,
                   "rstrip": false, "normalized": false, "special": true}],
                 "normalizer": null,
                 "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated", "invert": false},
                 "post_processor": null, "decoder": {"type": "Fuse"},
                 "model": {"type": "WordLevel", "vocab": {"<|endoftext|>": 0, "a": 1, "e": 2, "t": 3, "h": 4},
                   "unk_token": "<|endoftext|>"}}
                """);
        writeWeights(folder.resolve("model.safetensors"), new SplittableRandom(seed), token, logit);
        return folder;
    }

    private static void writeWeights(Path file, SplittableRandom random, int token, float logit) throws IOException {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("transformer.wte.weight", new int[] {VOCABULARY, WIDTH});
        shapes.put("transformer.wpe.weight", new int[] {CONTEXT, WIDTH});
        String block = "transformer.h.0.";
        for (String norm : new String[] {block + "ln_1", block + "ln_2", "transformer.ln_f"}) {
            shapes.put(norm + ".weight", new int[] {WIDTH});
            shapes.put(norm + ".bias", new int[] {WIDTH});
        }
        linear(shapes, block + "attn.c_attn", WIDTH, 3 * WIDTH);
        linear(shapes, block + "attn.c_proj", WIDTH, WIDTH);
        linear(shapes, block + "mlp.c_fc", WIDTH, 4 * WIDTH);
        linear(shapes, block + "mlp.c_proj", 4 * WIDTH, WIDTH);
        StringBuilder header = new StringBuilder("{");
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        shapes.forEach((name, shape) -> {
            int size = shape.length == 1 ? shape[0] : shape[0] * shape[1];
            int from = data.size();
            ByteBuffer numbers = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < size; i++) {
                double centre = name.contains("ln_") && name.endsWith("weight") ? 1 : 0;
                float drawn = (float) (centre + 0.6 * (2 * random.nextDouble() - 1));
                boolean isLast = token >= 0 && i % WIDTH == WIDTH - 1; // a state that is always one carries the logit
                if (isLast && name.startsWith("transformer.ln_f")) {
                    drawn = name.endsWith("bias") ? 1 : 0;
                } else if (isLast && name.equals("transformer.wte.weight")) {
                    drawn = i / WIDTH == token ? logit : 0;
                }
                numbers.putFloat(drawn);
            }
            data.writeBytes(numbers.array());
            String dimensions = shape.length == 1 ? shape[0] + "" : shape[0] + "," + shape[1];
            header.append(header.length() > 1 ? "," : "")
                    .append("\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                            .formatted(name, dimensions, from, data.size()));
        });
        byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(8 + text.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                file, all.putLong(text.length).put(text).put(data.toByteArray()).array());
    }

    private static void linear(Map<String, int[]> shapes, String name, int in, int out) {
        shapes.put(name + ".weight", new int[] {in, out});
        shapes.put(name + ".bias", new int[] {out});
    }
}

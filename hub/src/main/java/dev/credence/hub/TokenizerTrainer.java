package dev.credence.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Trains a byte-level byte-pair tokenizer (Sennrich, Haddow and Birch 2016, on bytes as GPT-2 has them): texts are cut
 * into words, and the pair of neighbouring tokens that is most frequent becomes a token, until there are enough. Of equally
 * frequent pairs the one with the smaller ids is merged first. The Java library that reads tokenizers cannot train any,
 * hence this class; what it writes, that library and others read.
 */
public final class TokenizerTrainer {
    /** The end token, which is also the begin token. */
    public static final String END = "<|endoftext|>";

    private static final int BYTES = 256;

    /** GPT-2's words: a contraction; letters, digits or signs with at most one space before; the space between. */
    private static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<String> tokens = new ArrayList<>(); // by id, bytes as the characters that stand for them
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String[]> merges = new ArrayList<>();
    private final List<int[]> words = new ArrayList<>(); // as ids
    private final List<Integer> counts = new ArrayList<>(); // of each word

    private TokenizerTrainer() {}

    /**
     * Trains a tokenizer and writes its files.
     *
     * @param documents texts
     * @param vocabulary how many tokens it shall have: the end, the 256 bytes, and merges; fewer where nothing is left to
     *     merge
     * @param folder takes tokenizer.json and tokenizer_config.json
     * @return how many tokens it has
     * @throws IllegalArgumentException if the vocabulary has no room for the bytes and the end
     */
    public static int train(Iterable<String> documents, int vocabulary, Path folder) {
        if (!(vocabulary > BYTES)) {
            throw new IllegalArgumentException(
                    "vocabulary is " + vocabulary + "; it must be 257 or more: 256 bytes and the end");
        }
        TokenizerTrainer trainer = new TokenizerTrainer();
        trainer.begin(documents);
        trainer.merge(vocabulary);
        trainer.write(folder);
        return trainer.tokens.size();
    }

    private void begin(Iterable<String> documents) {
        add(END);
        for (char c : alphabet()) {
            add(String.valueOf(c));
        }
        Map<String, Integer> found = new HashMap<>();
        for (String document : documents) {
            Matcher word = WORDS.matcher(document);
            while (word.find()) {
                found.merge(word.group(), 1, Integer::sum);
            }
        }
        String byByte = byByte();
        found.forEach((word, count) -> {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            int[] own = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                own[i] = add(String.valueOf(byByte.charAt(bytes[i] & 0xFF))); // every byte is a token already
            }
            words.add(own);
            counts.add(count);
        });
    }

    private int add(String token) {
        return ids.computeIfAbsent(token, fresh -> {
            tokens.add(fresh);
            return tokens.size() - 1;
        });
    }

    private void merge(int vocabulary) {
        Map<Long, Long> pairs = new HashMap<>(); // how often two ids are neighbours
        Map<Long, List<Integer>> where = new HashMap<>(); // words that hold, or once held, the pair
        for (int word = 0; word < words.size(); word++) {
            note(word, 1, pairs, where);
        }
        Long best = best(pairs);
        while (tokens.size() < vocabulary && best != null) {
            int left = (int) (best >> Integer.SIZE);
            int right = (int) (long) best;
            int joined = add(tokens.get(left) + tokens.get(right));
            merges.add(new String[] {tokens.get(left), tokens.get(right)});
            for (int word : Objects.requireNonNull(where.remove(best))) {
                note(word, -1, pairs, where);
                words.set(word, joined(words.get(word), left, right, joined));
                note(word, 1, pairs, where);
            }
            pairs.remove(best);
            best = best(pairs);
        }
    }

    private void note(int word, int sign, Map<Long, Long> pairs, Map<Long, List<Integer>> where) {
        int[] own = words.get(word);
        for (int i = 1; i < own.length; i++) {
            long pair = ((long) own[i - 1] << Integer.SIZE) | own[i];
            pairs.merge(pair, (long) sign * counts.get(word), (old, more) -> old + more == 0 ? null : old + more);
            if (sign > 0) {
                List<Integer> holders = where.computeIfAbsent(pair, fresh -> new ArrayList<>());
                if (holders.isEmpty() || holders.get(holders.size() - 1) != word) {
                    holders.add(word);
                }
            }
        }
    }

    private static @Nullable Long best(Map<Long, Long> pairs) {
        Long best = null;
        long most = 0;
        for (Map.Entry<Long, Long> pair : pairs.entrySet()) {
            long count = pair.getValue();
            if (count > most || (count == most && best != null && pair.getKey() < best)) {
                best = pair.getKey();
                most = count;
            }
        }
        return best;
    }

    private static int[] joined(int[] word, int left, int right, int joined) {
        int[] shorter = new int[word.length];
        int length = 0;
        for (int i = 0; i < word.length; i++) {
            boolean isPair = i + 1 < word.length && word[i] == left && word[i + 1] == right;
            shorter[length++] = isPair ? joined : word[i];
            i += isPair ? 1 : 0;
        }
        return Arrays.copyOf(shorter, length);
    }

    /** The characters that stand for bytes, by byte: printable ones for themselves, the others from 256 on. */
    private static String byByte() {
        StringBuilder characters = new StringBuilder();
        int next = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            characters.append((char) (printable ? b : next++));
        }
        return characters.toString();
    }

    private static char[] alphabet() {
        char[] characters = byByte().toCharArray();
        Arrays.sort(characters);
        return characters;
    }

    private void write(Path folder) {
        ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        root.putArray("added_tokens")
                .addObject()
                .put("id", 0)
                .put("content", END)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
        root.putNull("normalizer");
        root.set("pre_tokenizer", byteLevel(false));
        root.putNull("post_processor");
        root.set("decoder", byteLevel(true));
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocabulary = model.put("ignore_merges", false).putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(pair -> pairs.addArray().add(pair[0]).add(pair[1]));
        ObjectNode settings = MAPPER.createObjectNode().put("bos_token", END).put("eos_token", END);
        settings.put("pad_token", END).put("tokenizer_class", "PreTrainedTokenizerFast");
        try {
            Files.createDirectories(folder);
            MAPPER.writerWithDefaultPrettyPrinter()
                    .writeValue(folder.resolve("tokenizer.json").toFile(), root);
            MAPPER.writerWithDefaultPrettyPrinter()
                    .writeValue(folder.resolve("tokenizer_config.json").toFile(), settings);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a tokenizer to " + folder, e);
        }
    }

    private static ObjectNode byteLevel(boolean prefix) {
        ObjectNode node = MAPPER.createObjectNode().put("type", "ByteLevel");
        return node.put("add_prefix_space", prefix).put("trim_offsets", true).put("use_regex", true);
    }
}

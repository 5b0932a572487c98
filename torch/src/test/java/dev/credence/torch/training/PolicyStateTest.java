package dev.credence.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.RandomModels;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** A policy's state is read by the names of what it holds, in any order, and nothing is lacking, strange or twice. */
class PolicyStateTest {
    private static final int WIDTH = Double.BYTES;
    private static final Optimiser ADAMW =
            new Optimiser(Optimiser.Rule.ADAMW, LearningRate.constant(0.01), 0.8, 0.9, 1e-6, 0.1, 0.5, 0.6);

    private record Entry(String name, String shape, byte[] bytes) {
        Entry named(String other) {
            return new Entry(other, shape, bytes);
        }
    }

    private record Content(String mark, String rule, String precision, long steps, List<Entry> entries) {
        Content with(List<Entry> others) {
            return new Content(mark, rule, precision, steps, others);
        }

        static Content of(byte[] state) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
            Content head = new Content(text(in), text(in), text(in), in.readLong(), new ArrayList<>());
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String name = text(in);
                String shape = text(in);
                int size = Arrays.stream(shape.substring(1, shape.length() - 1).split(", "))
                        .mapToInt(Integer::parseInt)
                        .reduce(1, Math::multiplyExact);
                head.entries.add(new Entry(name, shape, in.readNBytes(size * WIDTH)));
            }
            return head;
        }

        byte[] state() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (String text : List.of(mark, rule, precision)) {
                text(out, text);
            }
            out.writeLong(steps);
            out.writeInt(entries.size());
            for (Entry entry : entries) {
                text(out, entry.name);
                text(out, entry.shape);
                out.write(entry.bytes);
            }
            CRC32 sum = new CRC32();
            sum.update(bytes.toByteArray());
            out.writeLong(sum.getValue());
            return bytes.toByteArray();
        }
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] saved(TransformerPolicy policy) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        policy.save(out);
        return out.toByteArray();
    }

    private static void step(TransformerPolicy policy, int times) {
        List<Continuation> batch = TransformerPolicyTest.batch(1);
        for (int i = 0; i < times; i++) {
            policy.step(
                    batch,
                    logProbs -> Arrays.stream(logProbs)
                            .map(row -> Arrays.stream(row).map(x -> 1 + 0.1 * x).toArray())
                            .toArray(double[][]::new));
        }
    }

    private static Transformer base() {
        return RandomModels.of(RandomModels.grouped(), 3, Precision.FLOAT64, 2);
    }

    @Test
    void everyNameIsWrittenOnceAndReadInAnyOrder() throws IOException {
        try (Transformer base = base();
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.named("ATTENTION_OUT"), ADAMW);
                TransformerPolicy other = TransformerPolicy.of(base, Trainable.named("ATTENTION_OUT"), ADAMW)) {
            step(policy, 2);
            policy.moveAnchor();
            step(policy, 1);
            byte[] state = saved(policy);
            Content content = Content.of(state);
            assertThat(content.state()).isEqualTo(state);
            List<String> expected = new ArrayList<>();
            for (String what :
                    List.of("value of ", "first moment of ", "second moment of ", "average of ", "anchor of ")) {
                policy.parameters().list().forEach(parameter -> expected.add(what + parameter.name()));
            }
            assertThat(content.entries.stream().map(Entry::name))
                    .containsExactlyElementsOf(expected)
                    .anyMatch(name -> name.startsWith("second moment of ATTENTION_OUT"));
            List<Entry> shuffled = new ArrayList<>(content.entries);
            Collections.shuffle(shuffled, new Random(4));
            assertThat(shuffled).isNotEqualTo(content.entries);
            other.restore(new ByteArrayInputStream(content.with(shuffled).state()));
            assertThat(saved(other)).isEqualTo(state);
            step(policy, 1);
            step(other, 1);
            assertThat(saved(other)).isEqualTo(saved(policy));
        }
    }

    @Test
    void whatIsMissingStrangeTwiceOrOfAnotherShapeIsNamedAndChangesNothing() throws IOException {
        try (Transformer base = base();
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.named("ATTENTION_OUT"), ADAMW)) {
            step(policy, 1);
            Content content = Content.of(saved(policy));
            step(policy, 1);
            for (int i = 0; i < content.entries.size(); i++) {
                Entry entry = content.entries.get(i);
                List<Entry> fewer = new ArrayList<>(content.entries);
                fewer.remove(i);
                refuses(policy, content.with(fewer), "the saved state has no '" + entry.name + "'");
                List<Entry> renamed = new ArrayList<>(content.entries);
                renamed.set(i, entry.named(entry.name + "x"));
                refuses(policy, content.with(renamed), "the saved state has '" + entry.name + "x', which this policy");
                List<Entry> more = new ArrayList<>(content.entries);
                more.add(entry);
                refuses(policy, content.with(more), "the saved state has '" + entry.name + "' twice");
                List<Entry> flat = new ArrayList<>(content.entries);
                flat.set(i, new Entry(entry.name, "[" + entry.bytes.length / WIDTH + "]", entry.bytes));
                refuses(
                        policy,
                        content.with(flat),
                        "the saved state's shape of '" + entry.name + "' is '[" + entry.bytes.length / WIDTH
                                + "]'; this policy's is '" + entry.shape + "'");
            }
        }
    }

    /** The anchor's numbers are all there, or none is. */
    @Test
    void halfAnAnchorIsRefused() throws IOException {
        try (Transformer base = base();
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.named("ATTENTION_OUT"), ADAMW)) {
            policy.moveAnchor();
            Content content = Content.of(saved(policy));
            String last = content.entries.get(content.entries.size() - 1).name;
            assertThat(last).startsWith("anchor of ");
            refuses(
                    policy,
                    content.with(content.entries.subList(0, content.entries.size() - 1)),
                    "the saved state has no '" + last + "'");
        }
    }

    @Test
    void anAdaptersFactorsAreNamedAndAnotherAdaptersAreRefused() throws IOException {
        LoraSettings attention = new LoraSettings(2, 3, true, Pattern.compile("ATTENTION_OUT"));
        LoraSettings forward = new LoraSettings(2, 3, true, Pattern.compile("FEED_FORWARD_OUT"));
        try (Transformer base = base();
                TransformerPolicy policy = TransformerPolicy.lora(base, attention, ADAMW, new SplittableRandom(1));
                TransformerPolicy other = TransformerPolicy.lora(base, forward, ADAMW, new SplittableRandom(1))) {
            step(policy, 1);
            Content content = Content.of(saved(policy));
            assertThat(content.entries.stream().map(Entry::name))
                    .anyMatch(name -> name.startsWith("value of ") && name.endsWith(".lora_A"))
                    .anyMatch(name -> name.startsWith("first moment of ") && name.endsWith(".lora_B"));
            refuses(other, content, "the saved state has '" + content.entries.get(0).name + "', which this policy");
        }
    }

    @Test
    void anotherRulePrecisionOrVersionIsSaid() throws IOException {
        try (Transformer base = base();
                TransformerPolicy policy = TransformerPolicy.of(base, Trainable.named("ATTENTION_OUT"), ADAMW)) {
            Content now = Content.of(saved(policy));
            refuses(
                    policy,
                    new Content(now.mark, "SGD", now.precision, now.steps, now.entries),
                    "the saved state's rule of the optimiser is 'SGD'; this policy's is 'ADAMW'");
            refuses(
                    policy,
                    new Content(now.mark, now.rule, "FLOAT32", now.steps, now.entries),
                    "the saved state's precision is 'FLOAT32'; this policy's is 'FLOAT64'");
            refuses(
                    policy,
                    new Content("credence.policy/1", now.rule, now.precision, now.steps, now.entries),
                    "the saved state is of an earlier version ('credence.policy/1'), which kept numbers by position");
        }
    }

    private static void refuses(TransformerPolicy policy, Content content, String message) throws IOException {
        byte[] before = saved(policy);
        byte[] state = content.state();
        assertThatThrownBy(() -> policy.restore(new ByteArrayInputStream(state)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(message);
        assertThat(saved(policy)).isEqualTo(before);
    }
}

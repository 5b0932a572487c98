package dev.credence.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.Transformer.Compute.Packed;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredAdapter;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose weights stay as they are stored, beside the same ones widened at once. */
class StoredWeightsTest {
    private static final WeightNames NAMES =
            (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS);

    @TempDir
    Path folder;

    /** A raw file of all weights behind one another, which may be mapped, or only read. */
    private final class RawFile implements WeightSource {
        private final Path file;
        private final boolean isMapped;
        private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        private final Map<String, Long> offsets = new LinkedHashMap<>();

        RawFile(Architecture architecture, Precision precision, boolean isMapped) throws IOException {
            this.file = Files.createTempFile(folder, "weights", ".bin");
            this.isMapped = isMapped;
            WeightShapes shapes = new WeightShapes(architecture);
            SplittableRandom random = new SplittableRandom(3);
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                for (int layer = 0; layer <= architecture.layers(); layer++) {
                    boolean outside = layer == architecture.layers();
                    for (Role role : outside ? shapes.outside() : shapes.inBlocks()) {
                        String name = role + "." + (outside ? 0 : layer);
                        long[] shape = shapes.stored(role, NAMES.place(role, 0), 0);
                        StoredTensor tensor = new StoredTensor("weights.bin", name, precision, shape);
                        tensors.put(name, tensor);
                        offsets.put(name, out.getFilePointer());
                        int count = (int) (tensor.bytes() / precision.bytes());
                        double[] numbers = random.doubles(count, -0.5, 0.5).toArray();
                        out.write(Native.infer(() -> {
                            Tensor stored =
                                    Native.onHost(Native.doubles(numbers, count).to(Native.type(precision)));
                            byte[] bytes = new byte[(int) tensor.bytes()];
                            new BytePointer(stored.data_ptr()).get(bytes);
                            return bytes;
                        }));
                    }
                }
            }
        }

        @Override
        public StoredTensor find(String name) {
            return tensors.get(name);
        }

        @Override
        public void read(StoredTensor tensor, long from, ByteBuffer into) {
            try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
                in.seek(offsets.get(tensor.name()) + from);
                byte[] bytes = new byte[into.remaining()];
                in.readFully(bytes);
                into.order(ByteOrder.nativeOrder()).put(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Optional<Region> region(StoredTensor tensor) {
            return isMapped ? Optional.of(new Region(file, offsets.get(tensor.name()))) : Optional.empty();
        }
    }

    /** On an accelerator nothing is packed, no product is shared by threads, and a model keeps no pages of its file. */
    private static void onTheProcessor() {
        Backend.shared();
        assumeThat(Native.isOnProcessor()).as("is of the processor's memory").isTrue();
    }

    private static Transformer model(Architecture architecture, WeightSource source, Arithmetic arithmetic) {
        Transformer.Compute compute = new Transformer.Compute(Backend.shared(), arithmetic);
        return Transformer.read(architecture, NAMES, source, Set.of(0), compute);
    }

    private static Transformer packed(
            Architecture architecture, WeightSource source, Arithmetic arithmetic, int threads) {
        Transformer.Compute compute = new Transformer.Compute(
                threads == 0 ? Backend.shared() : Backend.withThreads(threads), arithmetic, Packed.ALWAYS);
        return Transformer.read(architecture, NAMES, source, Set.of(0), compute);
    }

    private static double[][] scores(Transformer model) {
        return model.logProbs(List.of(
                new Continuation(new int[] {1}, new int[] {2, 3, 4, 5, 6, 1, 2}),
                new Continuation(new int[] {6, 5}, new int[] {4}),
                new Continuation(new int[] {3}, new int[0])));
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"BFLOAT16", "FLOAT16"})
    void widenedWhileTheyAreMultipliedTheyAreTheSameModel(Precision stored) throws IOException {
        for (Architecture architecture : RandomModels.all().toList()) {
            WeightSource mapped = new RawFile(architecture, stored, true);
            WeightSource read = new RawFile(architecture, stored, false);
            try (Transformer wide = model(architecture, mapped, Arithmetic.SINGLE);
                    Transformer narrow = model(architecture, mapped, Arithmetic.AS_STORED);
                    Transformer copied = model(architecture, read, Arithmetic.AS_STORED)) {
                double[][] expected = scores(wide);
                double[][] found = scores(narrow);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(found[i]).containsExactly(expected[i], within(1e-5));
                }
                assertThat(scores(copied)).isDeepEqualTo(found);
                Sampling how = Sampling.upTo(8);
                assertThat(narrow.sample(new int[] {1}, 40, how, new SplittableRandom(4)).stream()
                                .map(sample -> Arrays.toString(sample.tokens()))
                                .toList())
                        .isEqualTo(wide.sample(new int[] {1}, 40, how, new SplittableRandom(4)).stream()
                                .map(sample -> Arrays.toString(sample.tokens()))
                                .toList());
            }
        }
    }

    /** Packed for their products they are the same model: bfloat16, half precision and 32 bits. */
    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16", "FLOAT32"})
    void packedTheyAreTheSameModel(Precision stored) throws IOException {
        for (Architecture architecture : RandomModels.all().toList()) {
            for (boolean isMapped : new boolean[] {true, false}) {
                WeightSource source = new RawFile(architecture, stored, isMapped);
                for (Arithmetic arithmetic : List.of(Arithmetic.AS_STORED, Arithmetic.BFLOAT16)) {
                    try (Transformer plain = model(architecture, source, arithmetic);
                            Transformer packed = packed(architecture, source, arithmetic, 0);
                            Transformer alone = packed(architecture, source, arithmetic, 1)) {
                        double[][] expected = scores(plain);
                        double[][] found = scores(packed);
                        // rows that are rounded differ where a sum's last bits decide how
                        double room = arithmetic == Arithmetic.BFLOAT16 ? 0.02 : 1e-5;
                        for (int i = 0; i < expected.length; i++) {
                            assertThat(found[i]).containsExactly(expected[i], within(room));
                        }
                        assertThat(drawn(alone)).isEqualTo(drawn(packed));
                        if (arithmetic == Arithmetic.AS_STORED) {
                            assertThat(drawn(packed)).isEqualTo(drawn(plain));
                        }
                    }
                }
            }
        }
    }

    /** A head of two parts, whose products and draws two threads share: the texts and figures of one thread alone. */
    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT32"})
    void threadsThatShareAProductDrawTheSame(Precision stored) throws IOException {
        onTheProcessor();
        Architecture small = RandomModels.learned();
        Architecture architecture = new Architecture(
                1000,
                small.context(),
                small.layers(),
                small.width(),
                small.attention(),
                small.feedForward(),
                small.norm(),
                small.rotary(),
                small.wiring());
        WeightSource source = new RawFile(architecture, stored, true);
        try (Transformer two = packed(architecture, source, Arithmetic.AS_STORED, 2);
                Transformer one = packed(architecture, source, Arithmetic.AS_STORED, 1)) {
            assertThat(two.network().sharesProducts()).isTrue();
            assertThat(one.network().sharesProducts()).isFalse();
            List<Sample> together = two.sample(new int[] {1}, 20, Sampling.upTo(8), new SplittableRandom(4));
            List<Sample> alone = one.sample(new int[] {1}, 20, Sampling.upTo(8), new SplittableRandom(4));
            for (int i = 0; i < together.size(); i++) {
                assertThat(together.get(i).tokens()).isEqualTo(alone.get(i).tokens());
                assertThat(together.get(i).logProbs())
                        .containsExactly(alone.get(i).logProbs(), within(1e-5));
            }
            assertThat(scores(two)).isDeepEqualTo(scores(two));
        }
    }

    private static List<String> drawn(Transformer model) {
        return model.sample(new int[] {1}, 40, Sampling.upTo(8), new SplittableRandom(4)).stream()
                .map(sample -> Arrays.toString(sample.tokens()))
                .toList();
    }

    /** What is held packed alone is read once more to be written, from the file that it was read from or not at all. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsPackedIsWrittenAsItWasStored(boolean isMapped) throws IOException {
        onTheProcessor();
        Architecture architecture = RandomModels.grouped();
        RawFile source = new RawFile(architecture, Precision.FLOAT32, isMapped);
        byte[] all = Files.readAllBytes(source.file);
        try (Transformer model = packed(architecture, source, Arithmetic.AS_STORED, 0);
                Transformer untied = model.untied()) {
            for (Transformer one : List.of(model, untied)) {
                for (StoredTensor tensor : source.tensors.values()) {
                    long offset = source.offsets.get(tensor.name());
                    byte[] own = Arrays.copyOfRange(all, (int) offset, (int) (offset + tensor.bytes()));
                    ByteBuffer written = ByteBuffer.allocate(own.length);
                    assertThat(one.write(tensor, written::put)).isTrue();
                    assertThat(written.array()).isEqualTo(own);
                }
            }
            double[][] before = scores(model);
            Files.delete(source.file);
            Files.write(source.file, all);
            assertThat(scores(model)).isDeepEqualTo(before);
            StoredTensor reordered = source.tensors.get("ATTENTION_IN.0"); // its heads are rotated: never mapped
            if (isMapped) {
                assertThatThrownBy(() -> model.write(reordered, bytes -> {}))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining(source.file.toString())
                        .hasMessageContaining("another file than was read");
            }
        }
    }

    /** Models that share packed weights may be closed in any order. */
    @Test
    void packedWeightsAreShared() throws IOException {
        Architecture architecture = RandomModels.learned();
        RawFile source = new RawFile(architecture, Precision.BFLOAT16, true);
        Transformer first = packed(architecture, source, Arithmetic.AS_STORED, 0);
        double[][] before = scores(first);
        try (Transformer second = first.ending(Set.of(0, 5))) {
            first.close();
            assertThat(scores(second)).isDeepEqualTo(before);
        }
    }

    /** Factors of an adapter on every projection, of numbers that depend on the place alone. */
    private record Factors(List<StoredAdapter> all) implements WeightSource {
        private static final int RANK = 2;

        static Factors of(RawFile source) {
            List<StoredAdapter> all = source.tensors.values().stream()
                    .filter(tensor -> tensor.shape().length == 2)
                    .filter(tensor -> !tensor.name().startsWith("EMBEDDING")
                            && !tensor.name().startsWith("POSITIONS"))
                    .map(tensor -> new StoredAdapter(
                            tensor.name(),
                            0.5,
                            factor(tensor.name() + ".down", RANK, tensor.shape()[1]),
                            factor(tensor.name() + ".up", tensor.shape()[0], RANK)))
                    .toList();
            return new Factors(all);
        }

        private static StoredTensor factor(String name, long rows, long columns) {
            return new StoredTensor("adapter.bin", name, Precision.FLOAT32, new long[] {rows, columns});
        }

        @Override
        public StoredTensor find(String name) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        public void read(StoredTensor tensor, long from, ByteBuffer into) {
            SplittableRandom random = new SplittableRandom(tensor.name().hashCode());
            into.order(ByteOrder.nativeOrder());
            while (into.hasRemaining()) {
                into.putFloat((float) random.nextDouble(-0.5, 0.5));
            }
        }

        @Override
        public Optional<Region> region(StoredTensor tensor) {
            return Optional.empty();
        }
    }

    /** An adapter on packed weights, beside them and merged into them, is what it is on those that are not. */
    @Test
    void adaptersOnPackedWeightsAreTheSame() throws IOException {
        for (Architecture architecture : RandomModels.all().toList()) {
            RawFile source = new RawFile(architecture, Precision.BFLOAT16, true);
            Factors factors = Factors.of(source);
            try (Transformer plain = model(architecture, source, Arithmetic.SINGLE);
                    Transformer packed = packed(architecture, source, Arithmetic.AS_STORED, 0);
                    Transformer expected = plain.adapted(factors.all, factors);
                    Transformer beside = packed.adapted(factors.all, factors);
                    Transformer merged = beside.merged()) {
                double[][] right = scores(expected);
                assertThat(Math.abs(scores(plain)[0][0] - right[0][0])).isGreaterThan(1e-3);
                for (Transformer one : List.of(beside, merged)) {
                    double[][] found = scores(one);
                    for (int i = 0; i < right.length; i++) {
                        assertThat(found[i]).containsExactly(right[i], within(2e-5));
                    }
                }
            }
        }
    }

    /** What is written over the file while it is mapped would be neither model's; a file that takes its place is no matter. */
    @Test
    void aFileThatIsWrittenToInPlaceIsRefused() throws IOException {
        Architecture architecture = RandomModels.grouped();
        RawFile replaced = new RawFile(architecture, Precision.BFLOAT16, true);
        RawFile written = new RawFile(architecture, Precision.BFLOAT16, true);
        try (Transformer first = model(architecture, replaced, Arithmetic.AS_STORED);
                Transformer second = model(architecture, written, Arithmetic.AS_STORED);
                Transformer untied = second.untied();
                Transformer wide = model(architecture, written, Arithmetic.SINGLE)) {
            double[][] before = scores(first);
            Path other = Files.copy(replaced.file, folder.resolve("other.bin"));
            try (RandomAccessFile out = new RandomAccessFile(other.toFile(), "rw")) {
                out.write(new byte[64]);
            }
            Files.move(other, replaced.file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            assertThat(scores(first)).isDeepEqualTo(before);
            scores(untied);
            try (RandomAccessFile out = new RandomAccessFile(written.file.toFile(), "rw")) {
                out.write(new byte[64]);
            }
            Files.setLastModifiedTime(written.file, FileTime.fromMillis(System.currentTimeMillis() + 1000));
            for (Transformer model : List.of(second, untied)) {
                assertThatThrownBy(() -> scores(model))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining(written.file.toString())
                        .hasMessageContaining("written to while its weights were in use");
                assertThatThrownBy(() -> model.sample(new int[] {1}, 1, Sampling.upTo(2), new SplittableRandom(1)))
                        .isInstanceOf(InputException.class);
            }
            assertThat(scores(wide)).as("widened once, it is a copy").isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Arithmetic.class)
    void weightsThatAreNoNumbersAreRefusedByName(Arithmetic arithmetic) throws IOException {
        RawFile source = new RawFile(RandomModels.grouped(), Precision.FLOAT16, true);
        String damaged = source.offsets.keySet().stream()
                .filter(name -> name.startsWith("DOWN") || name.startsWith("EMBEDDING"))
                .findFirst()
                .orElseThrow();
        try (RandomAccessFile out = new RandomAccessFile(source.file.toFile(), "rw")) {
            for (int i = 0; i < source.tensors.get(damaged).bytes() / 2; i++) {
                out.seek(source.offsets.get(damaged) + 2L * i);
                out.write(new byte[] {0, (byte) (i % 2 == 0 ? 0x7c : 0xfc)}); // infinities of both signs
            }
        }
        assertThatThrownBy(() -> model(RandomModels.grouped(), source, arithmetic))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field '" + damaged + "' is Infinity at [0, 0]; a weight is a finite number");
    }

    /** bf16's error is there, and is of the size of its unit roundoff 2⁻⁹, some of them to a token. */
    @Test
    void roundedFactorsAreOffByTheirRounding() throws IOException {
        Architecture architecture = RandomModels.learned();
        WeightSource source = new RawFile(architecture, Precision.BFLOAT16, true);
        try (Transformer wide = model(architecture, source, Arithmetic.SINGLE);
                Transformer rounded = model(architecture, source, Arithmetic.BFLOAT16)) {
            double[] expected = scores(wide)[0];
            double[] found = scores(rounded)[0];
            double worst = 0;
            for (int i = 0; i < expected.length; i++) {
                worst = Math.max(worst, Math.abs(found[i] - expected[i]));
            }
            assertThat(worst).isBetween(1e-5, 0.05);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsHeldIsWrittenAsItWasStored(boolean isMapped) throws IOException {
        Architecture architecture = RandomModels.parallel();
        RawFile source = new RawFile(architecture, Precision.BFLOAT16, isMapped);
        byte[] all = Files.readAllBytes(source.file);
        try (Transformer model = model(architecture, source, Arithmetic.AS_STORED)) {
            for (StoredTensor tensor : source.tensors.values()) {
                long offset = source.offsets.get(tensor.name());
                byte[] own = Arrays.copyOfRange(all, (int) offset, (int) (offset + tensor.bytes()));
                ByteBuffer written = ByteBuffer.allocate(own.length);
                assertThat(model.write(tensor, written::put)).isTrue();
                assertThat(written.array()).isEqualTo(own);
            }
        }
    }

    /** A file that is gone from its folder stays mapped. */
    @Test
    void aFileMayBeReplacedWhileItIsInUse() throws IOException {
        Architecture architecture = RandomModels.learned();
        RawFile source = new RawFile(architecture, Precision.BFLOAT16, true);
        try (Transformer model = model(architecture, source, Arithmetic.AS_STORED)) {
            double[][] before = scores(model);
            Files.delete(source.file);
            assertThat(scores(model)).isDeepEqualTo(before);
        }
    }

    @Test
    void aTrainingNeedsWideWeights() throws IOException {
        Architecture architecture = RandomModels.learned();
        try (Transformer model =
                model(architecture, new RawFile(architecture, Precision.BFLOAT16, true), Arithmetic.AS_STORED)) {
            assertThatThrownBy(
                            () -> TransformerPolicy.of(model, Trainable.all(), Optimiser.sgd(LearningRate.constant(0))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the reference's weights are held in 16 bits; a training needs them in single precision");
        }
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheArithmetic() throws IOException {
        Architecture architecture = RandomModels.learned();
        RawFile source = new RawFile(architecture, Precision.BFLOAT16, true);
        System.setProperty("credence.memory", "20000");
        try {
            assertThatThrownBy(() -> model(architecture, source, Arithmetic.SINGLE))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("0.00 GB are needed and 0.00 GB are free");
            model(architecture, source, Arithmetic.AS_STORED).close(); // half of the bytes fit
        } finally {
            System.clearProperty("credence.memory");
        }
    }

    /** Pages of a file that an open model reads count as free to the system: two models that fit one by one do not fit together. */
    @Test
    void modelsThatAreOpenTakeTheirRoom() throws IOException {
        onTheProcessor();
        Architecture architecture = RandomModels.learned();
        RawFile source = new RawFile(architecture, Precision.BFLOAT16, true);
        System.setProperty("credence.memory", "20000");
        try (Transformer first = model(architecture, source, Arithmetic.AS_STORED)) {
            assertThatThrownBy(() -> model(architecture, source, Arithmetic.AS_STORED))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("of the models that are open): let other programs end");
            try (Transformer same = first.ending(Set.of(0, 5))) {
                assertThat(scores(same)).as("shares what is there").isNotEmpty();
            }
            assertThatThrownBy(() -> model(architecture, source, Arithmetic.AS_STORED))
                    .isInstanceOf(InputException.class);
        } finally {
            System.clearProperty("credence.memory");
        }
        System.setProperty("credence.memory", "20000");
        try {
            model(architecture, source, Arithmetic.AS_STORED).close(); // the first one is closed
        } finally {
            System.clearProperty("credence.memory");
        }
    }
}

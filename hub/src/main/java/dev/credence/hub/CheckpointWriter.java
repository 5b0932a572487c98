package dev.credence.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightNames;
import dev.credence.torch.architecture.WeightSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Writes a transformer in the form of a checkpoint folder; files appear whole (written aside, forced, renamed) or not at all. */
final class CheckpointWriter {
    private static final int PIECE = 1 << 24; // bytes of a passed-through tensor at a time

    /** A training run's folder is a checkpoint folder too: what it records of itself is not true of what is saved from it. */
    private static final Set<String> OF_A_RUN = Set.of("run.json", "metrics.jsonl", "result.json", "state.bin");

    private final Architecture architecture;
    private final WeightNames names;
    private final Transformer transformer;

    CheckpointWriter(Architecture architecture, WeightNames names, Transformer transformer) {
        this.architecture = architecture;
        this.names = names;
        this.transformer = transformer;
    }

    void write(List<SafetensorsFile> files, Path source, Path target) throws IOException {
        Set<String> written = new HashSet<>();
        for (SafetensorsFile file : files) {
            String name = String.valueOf(file.path().getFileName());
            Path part = target.resolve(name + ".part");
            try (FileChannel out = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                write(file, out);
                out.force(true);
            }
            rename(part, target.resolve(name));
            written.add(name);
        }
        copyOthers(source, target, written);
    }

    private void write(SafetensorsFile file, FileChannel out) throws IOException {
        ByteBuffer preamble = file.preamble();
        long base = preamble.remaining();
        writeAll(out, preamble, 0);
        file.entries().forEach((name, entry) -> {
            long[] at = {base + entry.begin()};
            WeightSink sink = bytes -> {
                int length = bytes.remaining();
                writeAll(out, bytes, at[0]);
                at[0] += length;
            };
            if (!isNumber(entry.type()) || !transformer.write(weight(file, name), sink)) {
                pass(file, entry, sink);
            }
        });
    }

    /** A tied head that was stored all the same is the embedding once more. */
    private StoredTensor weight(SafetensorsFile file, String name) {
        StoredTensor stored = StoredWeights.stored(file, name);
        if (architecture.wiring().tiedHead()
                && names.place(Role.HEAD, 0).names().contains(name)) {
            String embedding = names.place(Role.EMBEDDING, 0).names().get(0);
            return new StoredTensor(stored.file(), embedding, stored.precision(), stored.shape());
        }
        return stored;
    }

    private static boolean isNumber(String type) {
        return type.equals("F32") || type.equals("F16") || type.equals("BF16") || type.equals("F64");
    }

    private static void pass(SafetensorsFile file, SafetensorsFile.Entry entry, WeightSink sink) {
        long bytes = entry.end() - entry.begin();
        for (long from = 0; from < bytes; from += PIECE) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, bytes - from));
            file.read(entry, from, piece);
            sink.write(piece.flip());
        }
    }

    /** Says that the head is not tied, where the file holds one of its own. */
    private byte[] config(Path file) throws IOException {
        JsonFile config = JsonFile.read(file);
        boolean isTied =
                config.flag("tie_word_embeddings", config.text("model_type").equals("gpt2"));
        if (isTied == architecture.wiring().tiedHead() || !(config.root() instanceof ObjectNode object)) {
            return Files.readAllBytes(file);
        }
        return JsonFile.bytes(
                object.put("tie_word_embeddings", architecture.wiring().tiedHead()));
    }

    private void copyOthers(Path source, Path target, Set<String> written) throws IOException {
        try (Stream<Path> others = Files.list(source)) {
            for (Path other : others.filter(Files::isRegularFile).toList()) {
                String name = String.valueOf(other.getFileName());
                if (!written.contains(name) && !name.endsWith(".safetensors") && !isLeft(name)) {
                    Path part = target.resolve(name + ".part");
                    Files.write(part, name.equals("config.json") ? config(other) : Files.readAllBytes(other));
                    rename(part, target.resolve(name));
                }
            }
        }
    }

    private static boolean isLeft(String name) {
        return OF_A_RUN.contains(name) || name.equals(AdapterConfig.NAME); // with it the folder would be an adapter too
    }

    private static void rename(Path part, Path whole) throws IOException {
        Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes, long position) {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                at += out.write(bytes, at);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

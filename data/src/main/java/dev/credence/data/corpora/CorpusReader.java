package dev.credence.data.corpora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.files.FileHash;
import dev.credence.data.files.FileStamp;
import dev.credence.data.rollouts.RawRecords;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads corpora. Files named {@code *.jsonl}, {@code *.jsonl.gz}, {@code *.jsonl.zst} and {@code *.parquet} have a document a
 * record, in one text field; every other file is UTF-8 text.
 */
public final class CorpusReader {
    private static final List<String> RECORDS = List.of(".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet");

    private final Division division;
    private final String field;

    /**
     * A reader.
     *
     * @param division how text files fall into documents
     * @param field which field of a record is the document
     */
    public CorpusReader(Division division, String field) {
        this.division = division;
        this.field = field;
    }

    /**
     * Reads files.
     *
     * @param files their names, at least one
     * @return the documents of all
     * @throws IOException if reading fails
     * @throws InputException if a file is not there, is broken, or there is no document at all
     */
    public Corpus read(List<String> files) throws IOException {
        List<String> documents = new ArrayList<>();
        List<Provenance.Input> inputs = new ArrayList<>();
        for (String file : files) {
            Path path = Path.of(file);
            if (!Files.isRegularFile(path)) {
                throw new InputException(file, 0, "", "no such file", "a corpus is text, JSON Lines or Parquet");
            }
            int before = documents.size();
            FileStamp stamp = FileStamp.of(file, path);
            RecordOrigins origins = RecordOrigins.NONE;
            if (RECORDS.stream().anyMatch(file::endsWith)) {
                origins = readRecords(file, documents);
            } else {
                readText(path, documents);
            }
            if (documents.size() == before) {
                throw new InputException(
                        file,
                        0,
                        "",
                        "no document",
                        "it must hold one at least, as the settings documents and field say");
            }
            Provenance.Input input = FileHash.of(path);
            stamp.check();
            inputs.add(origins.records() == 0 ? input : input.withOrigins(origins));
        }
        return new Corpus(documents, inputs);
    }

    private RecordOrigins readRecords(String file, List<String> documents) throws IOException {
        RecordOrigins.Counter origins = new RecordOrigins.Counter();
        try (RawRecords records = RawRecords.open(file, InputStream.nullInputStream())) {
            for (ObjectNode record = records.next(); record != null; record = records.next()) {
                JsonNode text = record.path(field);
                if (!text.isTextual()) {
                    throw records.bad(
                            field,
                            text.isMissingNode() ? "missing" : text.toString(),
                            "it must be the document's text");
                }
                documents.add(text.textValue());
                origins.add(OriginFields.of(record, records::bad));
            }
        }
        return origins.origins();
    }

    private void readText(Path file, List<String> documents) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()), 1 << 16)) {
            division.divide(lines, documents::add);
        } catch (CharacterCodingException e) {
            throw new InputException(
                    file.toString(), badLine(file), "", "bytes that are no UTF-8", "a corpus is UTF-8 text");
        }
    }

    /** The line that is not UTF-8, looked for once it is known that there is one. */
    private static long badLine(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        long line = 1;
        for (int from = 0; from < bytes.length; line++) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
            } catch (CharacterCodingException e) {
                return line;
            }
            from = to + 1;
        }
        return 0;
    }
}

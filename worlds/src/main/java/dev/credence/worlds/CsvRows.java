package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.List;

/** Comma-separated values as RFC 4180 has them: quotes, doubled quotes, line breaks within quotes; blank lines skipped. */
final class CsvRows {
    private final String file;
    private final String text;
    private int at = 0;
    private long line = 1;

    private CsvRows(String file, String text) {
        this.file = file;
        this.text = text;
    }

    /** One row. */
    record Row(long line, List<String> cells) {}

    static List<Row> parse(String file, String text) {
        String withoutMark =
                text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte-order mark, as spreadsheets write
        return new CsvRows(file, withoutMark).rows();
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        while (at < text.length()) {
            long start = line;
            List<String> cells = row();
            if (cells.size() > 1 || !cells.get(0).isBlank()) {
                rows.add(new Row(start, cells));
            }
        }
        return rows;
    }

    private List<String> row() {
        List<String> cells = new ArrayList<>();
        while (true) {
            cells.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
            if (at >= text.length()) {
                return cells;
            }
            char end = text.charAt(at++);
            if (end == '\r' && at < text.length() && text.charAt(at) == '\n') {
                at++;
            }
            if (end != ',') {
                line++;
                return cells;
            }
        }
    }

    private String plain() {
        int from = at;
        while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(from, at);
    }

    private String quoted() {
        long start = line;
        StringBuilder cell = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\n') {
                line++;
            }
            if (c != '"') {
                cell.append(c);
            } else if (at < text.length() && text.charAt(at) == '"') {
                cell.append('"');
                at++;
            } else if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
                throw new InputException(
                        file,
                        line,
                        "",
                        "'" + text.charAt(at) + "' after a closing quote",
                        "a quoted cell ends at a comma");
            } else {
                return cell.toString();
            }
        }
        throw new InputException(file, start, "", "a quote that is never closed", "quotes come in pairs");
    }
}

package dev.credence.data.rollouts;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a Parquet file keeps the fields: SQL expressions over its columns, with their types. */
final class ParquetColumns {
    /**
     * One place.
     *
     * @param sql an expression
     * @param type DuckDB's name of its type
     */
    record Place(String sql, String type) {
        boolean isText() {
            return type.equals("VARCHAR");
        }

        boolean isNumber() {
            return NUMBER.matcher(type).matches();
        }

        boolean isStruct() {
            return type.startsWith("STRUCT") && !isList();
        }

        boolean isList() {
            return type.endsWith("[]");
        }

        /** Whether it is a list of structs, such as chat messages. */
        boolean isStructList() {
            return isList() && type.startsWith("STRUCT");
        }

        boolean isNumberList() {
            return isList() && NUMBER.matcher(elementType()).matches();
        }

        /** An element of a list; null where the list is shorter. */
        Place element(int index) {
            return new Place("list_extract(" + sql + ", " + (index + 1) + ")", elementType());
        }

        private String elementType() {
            return type.substring(0, type.length() - 2);
        }
    }

    private static final Pattern NUMBER =
            Pattern.compile("(U?(TINY|SMALL|BIG|HUGE)INT)|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*");

    private final Statement statement;
    private final String table;
    private final Map<String, String> columns;

    private ParquetColumns(Statement statement, String table) throws SQLException {
        this.statement = statement;
        this.table = table;
        this.columns = describe("*");
    }

    static ParquetColumns of(Connection connection, String table) throws SQLException {
        return new ParquetColumns(connection.createStatement(), table);
    }

    private Map<String, String> describe(String expressions) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery("DESCRIBE SELECT " + expressions + " FROM " + table)) {
            while (rows.next()) {
                types.put(rows.getString(1), rows.getString(2));
            }
        }
        return types;
    }

    /** The first of some dotted paths that is there: its rank, or −1. */
    int rank(List<String> paths) throws SQLException {
        for (int rank = 0; rank < paths.size(); rank++) {
            if (find(paths.get(rank)) != null) {
                return rank;
            }
        }
        return -1;
    }

    /** What is at a dotted path, or null. */
    @Nullable
    Place find(String path) throws SQLException {
        String type = columns.get(path);
        if (type != null) {
            return new Place(quoted(path), type);
        }
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            String head = columns.get(path.substring(0, dot));
            if (head != null) {
                Place found = inside(new Place(quoted(path.substring(0, dot)), head), path.substring(dot + 1));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable Place inside(Place whole, String path) throws SQLException {
        if (whole.isList()) {
            return element(whole, path);
        }
        if (!whole.isStruct()) {
            return null;
        }
        for (Map.Entry<String, Place> child : children(whole).entrySet()) {
            if (path.equals(child.getKey())) {
                return child.getValue();
            }
            if (path.startsWith(child.getKey() + ".")) {
                Place found =
                        inside(child.getValue(), path.substring(child.getKey().length() + 1));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable Place element(Place list, String path) throws SQLException {
        int dot = path.indexOf('.');
        String index = dot < 0 ? path : path.substring(0, dot);
        if (!index.matches("[0-9]{1,9}")) {
            return null;
        }
        Place element = list.element(Integer.parseInt(index));
        return dot < 0 ? element : inside(element, path.substring(dot + 1));
    }

    /** The fields of a struct. */
    Map<String, Place> children(Place struct) throws SQLException {
        Map<String, Place> children = new LinkedHashMap<>();
        describe("unnest(" + struct.sql + ")").forEach((name, type) -> {
            String sql = "struct_extract(" + struct.sql + ", '" + name.replace("'", "''") + "')";
            children.put(name, new Place(sql, type));
        });
        return children;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The names of all columns. */
    List<String> names() {
        return new ArrayList<>(columns.keySet());
    }
}

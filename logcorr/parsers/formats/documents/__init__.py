"""JSON: lines, documents, exports of log stores."""

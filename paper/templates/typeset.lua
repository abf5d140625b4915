-- What both renderers need to set the article alike: evidence classes as frames, tables as wide as their text.
if not FORMAT:match("typst") then
  return {}
end

return {
  {
    Span = function(span)
      if not span.classes:includes("evidence") then return nil end
      span.content:insert(1, pandoc.RawInline("typst", "#evidence["))
      span.content:insert(pandoc.RawInline("typst", "]"))
      return span.content
    end,
    -- Typst fits columns to their text better than the shares that pandoc reads off the dashes.
    Table = function(tbl)
      for _, column in ipairs(tbl.colspecs) do column[2] = nil end
      return tbl
    end,
  },
}

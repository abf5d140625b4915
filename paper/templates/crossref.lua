-- The part of Quarto's cross-references that the paper uses, for pandoc alone.
-- Pass 1 turns ::: {#tbl-x} blocks into captioned tables. Pass 2 numbers sections, figures, tables
-- and equations in document order. Pass 3 replaces @fig-x by its label and dresses the output.
-- That every reference has a target is checked before, in manuscript.py.
local names = {fig = "Figure", tbl = "Table", eq = "Equation", sec = "Section"}
local count = {fig = 0, tbl = 0, eq = 0}
local depth = {0, 0, 0, 0, 0, 0}
local number_of = {}
local to_typst = FORMAT:match("typst") ~= nil

local function kind(id)
  return id and id:match("^(%a+)%-")
end

local function label(id)
  return names[kind(id)] .. "\u{a0}" .. assert(number_of[id], "no number for " .. id)
end

local function count_on(id)
  local k = kind(id)
  if not count[k] then return end
  count[k] = count[k] + 1
  number_of[id] = tostring(count[k])
end

-- HTML captions carry their number; typst numbers by itself.
local function with_label(caption, id)
  local first = caption.long[1]
  if to_typst or not first or not number_of[id] then return caption end
  first.content:insert(1, pandoc.Space())
  first.content:insert(1, pandoc.Strong(label(id) .. "."))
  return caption
end

local function captioned_table(div)
  if kind(div.identifier) ~= "tbl" then return nil end
  local caption = div.content[#div.content]
  for _, block in ipairs(div.content) do
    if block.t == "Table" and caption.t == "Para" then
      block.identifier = div.identifier
      block.caption = pandoc.Caption({pandoc.Plain(caption.content)})
      return block
    end
  end
  error("no table with a caption below it in " .. div.identifier)
end

-- Quarto's ::: {.content-visible when-format="html"}
local function keep_for_format(div)
  if not div.classes:includes("content-visible") then return nil end
  return FORMAT:match(div.attributes["when-format"]) and div.content or {}
end

local function labelled_equation(para)
  for position, inline in ipairs(para.content) do
    if inline.t == "Math" and inline.mathtype == "DisplayMath" then
      for offset = 1, 2 do
        local after = para.content[position + offset]
        local id = after and after.t == "Str" and after.text:match("^{#(eq%-[%w%-]+)}$")
        if id then return id, inline end
      end
    end
  end
end

-- Text in the quotation marks of typst, in one line.
local function quoted(text)
  return '"' .. text:gsub("%s+", " "):gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- A formula in typst with its LaTeX source as the text for readers who do not see it: PDF/UA asks for one.
local function equation(math, numbering)
  local body = pandoc.write(pandoc.Pandoc{pandoc.Plain{math}}, "typst"):gsub("%s+$", "")
  body = body:gsub("^%$%s*", ""):gsub("%s*%$$", "")
  local block = math.mathtype == "DisplayMath"
  local space = block and " " or ""
  local options = "block: " .. tostring(block) .. ', alt: ' .. quoted(math.text)
  if numbering then options = options .. ", numbering: " .. numbering end
  return "#math.equation(" .. options .. ", $" .. space .. body .. space .. "$)"
end

local gather = {
  Div = function(div) return keep_for_format(div) or captioned_table(div) end,
}

local number = {
  traverse = "topdown",
  Header = function(header)
    if header.classes:includes("unnumbered") then return nil, false end
    depth[header.level] = depth[header.level] + 1
    for deeper = header.level + 1, 6 do depth[deeper] = 0 end
    local first = 1
    while depth[first] == 0 do first = first + 1 end
    number_of[header.identifier] = table.concat(depth, ".", first, header.level)
  end,
  Figure = function(figure)
    count_on(figure.identifier)
    figure.caption = with_label(figure.caption, figure.identifier)
    return figure, false
  end,
  Table = function(tbl)
    count_on(tbl.identifier)
    -- Both typst and browsers fit columns to their text better than equal shares would.
    for _, column in ipairs(tbl.colspecs) do column[2] = nil end
    local caption = with_label(tbl.caption, tbl.identifier)
    if to_typst then return tbl, false end
    -- The caption stays in view while a wide table scrolls; the keyboard can scroll it too.
    local id = tbl.identifier
    tbl.identifier, tbl.caption = "", pandoc.Caption()
    local name = id ~= "" and label(id) or "Table"
    -- A list, not a record: Lua keeps no order of keys, and the page must not change between runs.
    local pairs_in_order = {{"role", "region"}, {"tabindex", "0"}, {"aria-label", name}}
    local region = pandoc.Attr("", {"table-scroll"}, pairs_in_order)
    return pandoc.Figure({pandoc.Div({tbl}, region)}, caption, pandoc.Attr(id, {"table"})), false
  end,
  Para = function(para)
    local id, math = labelled_equation(para)
    if not id then return nil end
    count_on(id)
    if to_typst then
      return pandoc.RawBlock("typst", equation(math, '"(1)"') .. " <" .. id .. ">"), false
    end
    local tag = pandoc.Span("(" .. number_of[id] .. ")", {class = "equation-number"})
    -- Wider than a phone it scrolls, so the keyboard must reach it. A list, not a record: Lua keeps no order.
    local reached = {{"role", "region"}, {"tabindex", "0"}, {"aria-label", label(id)}}
    return pandoc.Div({pandoc.Para{math, tag}}, pandoc.Attr(id, {"equation"}, reached)), false
  end,
}

local finish = {
  Cite = function(cite)
    local out = pandoc.List{}
    for position, citation in ipairs(cite.citations) do
      if not names[kind(citation.id)] then return nil end
      if position > 1 then out:insert(pandoc.Str(", ")) end
      out:insert(pandoc.Link(label(citation.id), "#" .. citation.id))
    end
    return out
  end,
  Math = function(math)
    return to_typst and pandoc.RawInline("typst", equation(math)) or nil
  end,
  Image = function(image)
    if to_typst then
      -- Pandoc hands no alternative text on to typst.
      local width = image.attributes.width and ", width: " .. image.attributes.width or ""
      return pandoc.RawInline("typst", '#image("' .. image.src .. '", alt: ' .. quoted(image.attributes["fig-alt"] or "") .. width .. ")")
    end
    image.attributes.alt = image.attributes["fig-alt"]
    image.attributes["fig-alt"] = nil
    return image
  end,
}

return {gather, number, finish}

--- For specs of the program: a folder of their own, files in it, and the program run there.

local workshop = {}

workshop.root = os.getenv("PERIGEE_ROOT") or "."
workshop.program = workshop.root .. "/build/perigee"

local folder

--- Makes the folder, which is also PERIGEE_HOME of what is run; its path.
function workshop.open()
   folder = os.tmpname()
   os.remove(folder)
   assert(os.execute("mkdir -p " .. folder))
   return folder
end

function workshop.close()
   os.execute("rm -rf " .. folder)
end

--- A file in the folder; its path.
function workshop.write(name, text)
   local path = folder .. "/" .. name
   local file = assert(io.open(path, "w"))
   file:write(text)
   file:close()
   return path
end

function workshop.read(path)
   local file = assert(io.open(path))
   local text = file:read("a")
   file:close()
   return text
end

--- Runs the program to its end; exit code, output, errors.
function workshop.run(arguments, environment)
   local words = "PERIGEE_HOME=%s %s %s %s >%s/out 2>%s/err"
   local _, _, code = os.execute(words:format(folder, environment or "", workshop.program, arguments, folder, folder))
   return code, workshop.read(folder .. "/out"), workshop.read(folder .. "/err")
end

return workshop
